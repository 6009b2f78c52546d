"""The header of RTP packets (RFC 3550, section 5.1)."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

HEADER_BYTES = 12
# Nobody sends longer ones over Ethernet, and a second of G.711 would be 8,000.
MAX_BYTES = 1500
SEQUENCES = 1 << 16
TIMESTAMPS = 1 << 32

_HEADER = Struct("!BBHII")
_VERSION, _PADDING, _EXTENSION, _SOURCES, _MARKER = 0x80, 0x20, 0x10, 0x0F, 0x80
# Version 2, without padding, extension and contributing sources, as telephones send it.
_PLAIN = _VERSION


class Packet(NamedTuple):
    """`timestamp` counts samples. `payload` is what is neither header nor padding; it may be empty."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


# A NamedTuple's own constructor costs three times as much.
_new = tuple.__new__


def parse(data: bytes | bytearray | memoryview) -> Packet | None:
    """None for what is no packet of version 2, or one whose lengths contradict each other."""
    size = len(data)
    if size < HEADER_BYTES or size > MAX_BYTES:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first == _PLAIN:
        payload = bytes(data[HEADER_BYTES:])
    elif first & 0xC0 != _VERSION:
        return None
    else:
        bounds = _bounds(data, first)
        if bounds is None:
            return None
        payload = bytes(data[bounds[0] : bounds[1]])
    return _new(Packet, (second & 0x7F, second >= _MARKER, sequence, timestamp, ssrc, payload))


def _bounds(data: bytes | bytearray | memoryview, first: int) -> tuple[int, int] | None:
    """Where the payload begins and ends."""
    begin, end = HEADER_BYTES + 4 * (first & _SOURCES), len(data)
    if first & _EXTENSION:
        if begin + 4 > end:
            return None
        begin += 4 + 4 * int.from_bytes(data[begin + 2 : begin + 4], "big")
    if first & _PADDING:
        padding = data[end - 1]
        if padding == 0:
            return None
        end -= padding
    return (begin, end) if begin <= end else None


def write_header(  # into what is sent again and again, so that no packet needs memory of its own
    into: bytearray, payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int
) -> None:
    """The first twelve bytes. `sequence` and `timestamp` wrap around."""
    second = payload_type | _MARKER if marker else payload_type
    _HEADER.pack_into(into, 0, _PLAIN, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)


def sequence_distance(later: int, earlier: int) -> int:
    """How far `later` is behind `earlier`, -32768…32767: numbers wrap around."""
    return ((later - earlier + 0x8000) & 0xFFFF) - 0x8000


def timestamp_distance(later: int, earlier: int) -> int:
    """As `sequence_distance`, in samples."""
    return ((later - earlier + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
