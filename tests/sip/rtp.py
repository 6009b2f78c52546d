"""A telephone's side of RTP: sends PCMU every 20 ms over a road that may lose and swap, and keeps what comes.

Written out by hand, so that the product's own reading of packets is not tested against itself.
"""

from __future__ import annotations

import asyncio
import random
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from kallglot import audio

FRAME_S = 0.02
FRAME_SAMPLES = 160
_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_PCMU, _TELEPHONE_EVENT = 0, 101
_SILENCE = b"\xff" * FRAME_SAMPLES
_KEYS = "0123456789*#ABCD"
_KEY_FRAMES = 5
_KEY_VOLUME = 10


@dataclass(frozen=True, slots=True)
class Packet:
    came: float
    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    source: int
    payload: bytes

    @classmethod
    def read(cls, data: bytes, came: float) -> Packet:
        """Raises ValueError for what no telephone would play."""
        if len(data) < _HEADER.size or data[0] != _VERSION:
            raise ValueError(f"not a plain RTP packet: {data[:16].hex()}")
        _, second, sequence, timestamp, source = _HEADER.unpack_from(data)
        return cls(came, second & 0x7F, bool(second & 0x80), sequence, timestamp, source, data[_HEADER.size :])


@dataclass
class Road:
    """What happens to packets on their way, the same for the same seed. Both directions have one of their own."""

    loss: float = 0.0
    swaps: float = 0.0
    seed: int = 1
    lost: int = 0
    swapped: int = 0
    _random: random.Random = field(init=False)
    _held: bytes | None = None

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def carry(self, packet: bytes) -> Iterator[bytes]:
        """What arrives now: nothing, this one, or this one and after it the one that it overtook."""
        if self._random.random() < self.loss:
            self.lost += 1
            return
        if self._held is None and self._random.random() < self.swaps:
            self.swapped += 1
            self._held = packet
            return
        yield packet
        if self._held is not None:
            yield self._held
            self._held = None


class Media(asyncio.DatagramProtocol):
    """One stream, both ways. It sends from `aim` on, silence where there is nothing to say, until it is closed."""

    def __init__(self, out: Road, back: Road) -> None:
        self.heard: list[Packet] = []
        self.sent = 0
        self._out, self._back = out, back
        self._to_say = bytearray()
        self._keys: list[tuple[str, int]] = []
        self._source = random.Random(out.seed).getrandbits(32)
        self._sequence = 65_500  # near the end, so that every call goes over it
        self._timestamp = 4_294_960_000
        self._transport: asyncio.DatagramTransport | None = None
        self._sending: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, out: Road, back: Road) -> Media:
        loop = asyncio.get_running_loop()
        _, media = await loop.create_datagram_endpoint(lambda: cls(out, back), local_addr=("127.0.0.1", 0))
        return media

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: object) -> None:
        if len(data) > 1 and 192 <= data[1] <= 223:  # RTCP, by RFC 5761
            return
        now = asyncio.get_running_loop().time()
        self.heard += [Packet.read(packet, now) for packet in self._back.carry(data)]

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def aim(self, host: str, port: int) -> None:
        self._stop()
        self._sending = asyncio.create_task(self._send(host, port))

    def say(self, mulaw: bytes) -> None:
        self._to_say += mulaw

    async def said(self) -> None:
        while self._to_say or self._keys:
            await asyncio.sleep(FRAME_S)

    def press(self, key: str) -> None:
        """RFC 4733: five packets while it is down, its end three times."""
        self._keys += [(key, frame) for frame in range(_KEY_FRAMES + 3)]

    def pause(self) -> None:
        self._stop()

    def close(self) -> None:
        self._stop()
        if self._transport is not None:
            self._transport.close()

    def sound(self) -> array[int]:
        """What was heard, in the order of its timestamps, with silence where nothing came; 16-bit at 8 kHz."""
        packets = [packet for packet in self.heard if packet.payload_type == _PCMU]
        if not packets:
            return array("h")
        first = packets[0].timestamp
        at = {_after(first, packet.timestamp): packet.payload for packet in packets}
        start, end = min(at), max(at)
        frames = (at.get(offset, _SILENCE) for offset in range(start, end + FRAME_SAMPLES, FRAME_SAMPLES))
        return audio.decode(b"".join(frames))

    def _stop(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    async def _send(self, host: str, port: int) -> None:
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        began, frame = loop.time(), 0
        while True:
            for packet in self._out.carry(self._next()):
                self._transport.sendto(packet, (host, port))
            self.sent += 1
            frame += 1
            await asyncio.sleep(began + frame * FRAME_S - loop.time())  # a telephone's clock is real time

    def _next(self) -> bytes:
        self._sequence = (self._sequence + 1) & 0xFFFF
        if self._keys:
            return self._key_packet(*self._keys.pop(0))
        self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
        payload = bytes(self._to_say[:FRAME_SAMPLES]).ljust(FRAME_SAMPLES, b"\xff")
        del self._to_say[:FRAME_SAMPLES]
        return self._packet(_PCMU, self._timestamp, payload)

    def _key_packet(self, key: str, frame: int) -> bytes:
        """All packets of a press have the timestamp of its beginning."""
        over = frame >= _KEY_FRAMES
        duration = FRAME_SAMPLES * (min(frame, _KEY_FRAMES - 1) + 1)
        event = struct.pack("!BBH", _KEYS.index(key), (0x80 if over else 0) | _KEY_VOLUME, duration)
        packet = self._packet(_TELEPHONE_EVENT, self._timestamp, event)
        if frame == _KEY_FRAMES + 2:
            self._timestamp = (self._timestamp + duration) & 0xFFFFFFFF
        return packet

    def _packet(self, payload_type: int, timestamp: int, payload: bytes) -> bytes:
        return _HEADER.pack(_VERSION, payload_type, self._sequence, timestamp, self._source) + payload


def _after(first: int, timestamp: int) -> int:
    """The distance between two timestamps, over the end of 32 bits, in either direction."""
    distance = (timestamp - first) & 0xFFFFFFFF
    return distance - (1 << 32) if distance >= 1 << 31 else distance
