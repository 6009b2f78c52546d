"""RTCP packets (RFC 3550, section 6): reports of sender and receiver, who we are, and that we leave."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

MAX_BYTES = 1500
_SENDER, _RECEIVER, _SOURCES, _BYE = 200, 201, 202, 203
_FIRST_TYPE, _LAST_TYPE = 192, 223
_VERSION, _COUNT = 0x80, 0x1F
_CNAME = 1

_HEAD = Struct("!BBH")
_SENDER_INFO = Struct("!QIII")
_BLOCK = Struct("!IIIIII")


@dataclass(frozen=True, slots=True)
class SenderInfo:
    """`ntp` in units of 2⁻³² s; `timestamp` is the RTP one of the same moment."""

    ntp: int
    timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class Block:
    """How the packets of `ssrc` arrive. `lost_share` in 1/256 since the last report, `jitter` in samples.

    `last_report` is the middle of the NTP time of the last sender report of that source, `since` how long ago it came,
    in 1/65536 s; both 0 if none came.
    """

    ssrc: int
    lost_share: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    since: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a compound packet says. `left` are the sources that say good-bye."""

    ssrc: int
    sender: SenderInfo | None
    blocks: tuple[Block, ...]
    left: tuple[int, ...]


def is_rtcp(data: bytes | bytearray | memoryview) -> bool:
    """Told from RTP on the same port by the second byte (RFC 5761, section 4)."""
    return len(data) >= 8 and _FIRST_TYPE <= data[1] <= _LAST_TYPE


def compound(ssrc: int, cname: str, sender: SenderInfo | None, block: Block | None, *, leaves: bool = False) -> bytes:
    """A report (of a sender if there is something to say as one), the name, and good-bye if it `leaves`."""
    body = ssrc.to_bytes(4, "big")
    if sender is not None:
        body += _SENDER_INFO.pack(sender.ntp, sender.timestamp, sender.packets, sender.octets)
    if block is not None:
        lost = max(-0x800000, min(0x7FFFFF, block.lost)) & 0xFFFFFF
        body += _BLOCK.pack(
            block.ssrc, block.lost_share << 24 | lost, block.highest, block.jitter, block.last_report, block.since
        )
    packets = _packet(_RECEIVER if sender is None else _SENDER, 0 if block is None else 1, body)
    name = cname.encode()[:255]
    item = ssrc.to_bytes(4, "big") + bytes([_CNAME, len(name)]) + name + b"\0"
    packets += _packet(_SOURCES, 1, item + bytes(-len(item) % 4))
    return packets + _packet(_BYE, 1, ssrc.to_bytes(4, "big")) if leaves else packets


def parse(data: bytes | bytearray | memoryview) -> Report | None:
    """None for what is no compound packet of version 2 that begins with a report; unknown types are passed over."""
    if len(data) > MAX_BYTES or not is_rtcp(data) or data[1] not in (_SENDER, _RECEIVER):
        return None
    found: Report | None = None
    left: list[int] = []
    at = 0
    while at < len(data):
        if len(data) - at < 4:
            return None
        first, kind, words = _HEAD.unpack_from(data, at)
        end = at + 4 + 4 * words
        if first & 0xC0 != _VERSION or end > len(data):
            return None
        body, count = bytes(data[at + 4 : end]), first & _COUNT
        if kind in (_SENDER, _RECEIVER) and found is None:
            found = _report(body, count, is_sender=kind == _SENDER)
            if found is None:
                return None
        elif kind == _BYE:
            left += [int.from_bytes(body[4 * n : 4 * n + 4], "big") for n in range(min(count, words))]
        at = end
    return None if found is None else Report(found.ssrc, found.sender, found.blocks, tuple(left))


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEAD.pack(_VERSION | count, kind, len(body) // 4) + body


def _report(body: bytes, count: int, *, is_sender: bool) -> Report | None:
    blocks_at = 4 + (_SENDER_INFO.size if is_sender else 0)
    if len(body) < blocks_at + count * _BLOCK.size:
        return None
    sender = SenderInfo(*_SENDER_INFO.unpack_from(body, 4)) if is_sender else None
    blocks = tuple(_block(*_BLOCK.unpack_from(body, blocks_at + number * _BLOCK.size)) for number in range(count))
    return Report(int.from_bytes(body[:4], "big"), sender, blocks, ())


def _block(ssrc: int, losses: int, highest: int, jitter: int, last_report: int, since: int) -> Block:
    lost = (losses & 0xFFFFFF) - (0x1000000 if losses & 0x800000 else 0)
    return Block(ssrc, losses >> 24, lost, highest, jitter, last_report, since)
