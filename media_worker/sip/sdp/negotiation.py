"""Offer and answer (RFC 3264) of one stream of telephone sound: PCMU or PCMA, keys, RTP/AVP over IPv4.

Of several media one is taken and the others are answered with port 0. Pure: bytes in, bytes and an agreement out.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

from media_worker.sip.sdp.description import PORTS, Description, Media, parse
from media_worker.sip.sdp.media import Agreed, Codec, LocalMedia, NotAcceptable

FRAME_MS = 20
_LONGEST_MS = 60
_STATIC = {"0": "PCMU/8000", "8": "PCMA/8000"}
_CODECS = {"PCMU/8000": Codec.PCMU, "PCMA/8000": Codec.PCMA}
_EVENTS = "TELEPHONE-EVENT/8000"
_OFFERED_EVENTS = 101
_LOWEST_PORT = 1024
_DIRECTIONS = {
    "sendrecv": (True, True),
    "sendonly": (True, False),
    "recvonly": (False, True),
    "inactive": (False, False),
}
_SAID = {does: name for name, does in _DIRECTIONS.items()}


def answer(offer: bytes, local: LocalMedia) -> tuple[Agreed, bytes]:
    """What is agreed on, and what to answer. Raises Malformed and NotAcceptable."""
    description = parse(offer)
    taken, agreed = _first_acceptable(description, local)
    return agreed, _text(local, [_line(media, taken, agreed, local) for media in description.media], description.timing)


def offer(local: LocalMedia) -> bytes:
    """Both codecs, ours preferred first, keys, and RTCP on the same port for whoever can."""
    formats = {0: "PCMU/8000", 8: "PCMA/8000", _OFFERED_EVENTS: "telephone-event/8000"}
    return _text(local, [_audio(local.port, formats, FRAME_MS, (True, not local.hold), rtcp_mux=True)], "0 0")


def accept(our_offer: LocalMedia, their_answer: bytes) -> Agreed:
    """Raises Malformed and NotAcceptable."""
    return _first_acceptable(parse(their_answer), our_offer)[1]


def _first_acceptable(description: Description, local: LocalMedia) -> tuple[Media, Agreed]:
    refused: NotAcceptable | None = None
    for media in description.media:
        if media.kind != "audio":
            continue
        try:
            return media, _agreed(description, media, local)
        except NotAcceptable as reason:
            refused = refused or reason
    raise refused or NotAcceptable("no sound is offered")


def _agreed(description: Description, media: Media, local: LocalMedia) -> Agreed:
    if media.port == 0:
        raise NotAcceptable("the sound was refused")
    if media.protocol.upper() != "RTP/AVP":
        raise NotAcceptable("only RTP/AVP is spoken here, without encryption or feedback")
    named = _formats(media)
    codec = next(((number, _CODECS[name]) for number, name in named if name in _CODECS), None)
    if codec is None:
        raise NotAcceptable("only PCMU and PCMA are spoken here")
    host = _reachable(description.host_of(media), local)
    they_send, they_hear = _direction(description, media)
    rtcp_mux = media.has("rtcp-mux")
    return Agreed(
        host=str(host),
        port=_port(media.port),
        rtcp_port=media.port if rtcp_mux else _rtcp_port(media),
        codec=codec[1],
        payload_type=codec[0],
        telephone_event=next((number for number, name in named if name == _EVENTS), None),
        ptime_ms=_ptime_ms(media),
        # An address of zeros is the older way to say "hold": do not send.
        sends=they_hear and not host.is_unspecified,
        hears=they_send and not local.hold,
        rtcp_mux=rtcp_mux,
    )


def _formats(media: Media) -> list[tuple[int, str]]:
    """Payload types in the order of their preference, with NAME/RATE in capitals."""
    names = dict(_STATIC)
    for value in media.every("rtpmap"):
        number, _, name = value.partition(" ")
        names[number] = name.strip().upper().removesuffix("/1")
    return [
        (int(number), names[number])
        for number in media.formats
        if number in names and number.isascii() and number.isdecimal() and int(number) < 128
    ]


def _reachable(host: str | None, local: LocalMedia) -> IPv4Address:
    """Sound goes where a stranger's description says; that must not be a place only we can reach, or everybody."""
    address = _address(host)
    if address is None or isinstance(address, IPv6Address):
        raise NotAcceptable("sound goes to an IPv4 address only")
    if address.is_unspecified:
        return address
    ours = _address(local.host)
    if address.is_multicast or address.is_link_local or address.is_reserved:
        raise NotAcceptable("the address for the sound is none of a single host")
    if address.is_loopback and not (ours and ours.is_loopback):
        raise NotAcceptable("the address for the sound is the other side's own")
    return address


def _address(host: str | None) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host or "")
    except ValueError:
        return None


def _port(port: int) -> int:
    """Nobody hears RTP where DNS, NTP and the like answer."""
    if port < _LOWEST_PORT:
        raise NotAcceptable(f"the port for the sound is below {_LOWEST_PORT}")
    return port


def _rtcp_port(media: Media) -> int:
    told = media.number("rtcp") or 0
    return told if _LOWEST_PORT <= told < PORTS else min(media.port + 1, PORTS - 1)


def _direction(description: Description, media: Media) -> tuple[bool, bool]:
    for section in (media, description.session):
        for name, _ in section.attributes:
            if name in _DIRECTIONS:
                return _DIRECTIONS[name]
    return _DIRECTIONS["sendrecv"]


def _ptime_ms(media: Media) -> int:
    wanted = min(media.number("ptime") or FRAME_MS, media.number("maxptime") or _LONGEST_MS, _LONGEST_MS)
    return max(FRAME_MS, wanted // FRAME_MS * FRAME_MS)


def _line(media: Media, taken: Media, agreed: Agreed, local: LocalMedia) -> str:
    if media is not taken:
        return f"m={media.kind} 0 {media.protocol} {' '.join(media.formats)}"
    formats = {agreed.payload_type: f"{agreed.codec}/8000"}
    if agreed.telephone_event is not None:
        formats[agreed.telephone_event] = "telephone-event/8000"
    return _audio(local.port, formats, FRAME_MS, (agreed.sends, agreed.hears), rtcp_mux=agreed.rtcp_mux)


def _audio(port: int, formats: dict[int, str], ptime_ms: int, does: tuple[bool, bool], *, rtcp_mux: bool) -> str:
    lines = [f"m=audio {port} RTP/AVP {' '.join(map(str, formats))}"]
    for number, name in formats.items():
        lines.append(f"a=rtpmap:{number} {name}")
        if name.startswith("telephone-event"):
            lines.append(f"a=fmtp:{number} 0-15")
    lines += [f"a=ptime:{ptime_ms}", f"a={_SAID[does]}"]
    return "\r\n".join(lines + ["a=rtcp-mux"] * rtcp_mux)


def _text(local: LocalMedia, media: list[str], timing: str) -> bytes:
    place = f"IN IP{ip_address(local.host).version} {local.host}"
    head = ["v=0", f"o=- {local.session_id} {local.version} {place}", "s=-", f"c={place}", f"t={timing}"]
    return "\r\n".join([*head, *media, ""]).encode()
