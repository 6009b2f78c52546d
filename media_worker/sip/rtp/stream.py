"""One call's sound over RTP: what is said comes out steadily, what is played goes out every 20 ms.

Everything happens on the event loop: when a datagram has come, and with the ticker that all calls share.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from media_worker.sip.rtp.jitter import JitterBuffer
from media_worker.sip.rtp.latch import Latch
from media_worker.sip.rtp.outgoing import Outgoing
from media_worker.sip.rtp.packet import Packet, parse
from media_worker.sip.rtp.ports import PortPair, RtpPorts
from media_worker.sip.rtp.sender import DECODE, Sender
from media_worker.sip.rtp.stats import RtpStats
from media_worker.sip.rtp.ticker import Ticker
from media_worker.sip.rtp.timeline import Timeline
from media_worker.sip.sdp import Agreed

_COMFORT_NOISE = 13
_MOST_PAYLOAD = 1440
# After the loop was held up for longer, the missed packets are left out: they would come too late to be played.
_MOST_TICKS = 5
# Datagrams that are looked at: 5,000 a second; and of these that are taken for the call's: 200, and 300 after a stall.
_READ_PER_TICK = 100
_TAKEN_PER_TICK, _MOST_TAKEN = 4, 300

# All streams are on one loop, and what is read is used up at once.
_inbox = bytearray(2048)
_view = memoryview(_inbox)


class RtpStream:
    """Made by `open`. Nothing is sent or heard until `aim` says what was agreed on."""

    @classmethod
    async def open(
        cls, ports: RtpPorts, ticker: Ticker, hear: Callable[[bytes], None], key: Callable[[str], None]
    ) -> RtpStream:
        """`hear` gets 160 samples of 16-bit PCM, 8 kHz, for every 20 ms; `key` one of 0-9*#A-D. Raises NoPortLeft."""
        pair = ports.take()
        stream = cls(ports, pair, ticker, hear, key)
        try:
            stream._listen()
        except BaseException:
            stream.close()
            raise
        return stream

    def __init__(
        self,
        ports: RtpPorts,
        pair: PortPair,
        ticker: Ticker,
        hear: Callable[[bytes], None],
        key: Callable[[str], None],
    ) -> None:
        self.port = pair.port
        self.stats = RtpStats()
        self._ports = ports
        self._pair = pair
        self._ticker = ticker
        self._key = key
        self._timeline = Timeline(hear, self.stats, ticker.now())
        self._jitter = JitterBuffer(self._timeline, self.stats)
        self._latch = Latch()
        self._outgoing = Outgoing()
        self._sender = Sender(self._send)
        self._agreed: Agreed | None = None
        self._ssrc: int | None = None
        self._heard_at = ticker.now()
        self._reads = self._takes = _READ_PER_TICK
        self._closed = self._deaf = False
        self._loop = asyncio.get_running_loop()

    @property
    def silent_s(self) -> float:
        """Since the last packet of the other side; 0 while either side holds the call."""
        agreed = self._agreed
        if agreed is None or not (agreed.sends and agreed.hears):
            return 0.0
        return self._ticker.now() - self._heard_at

    def aim(self, agreed: Agreed) -> None:
        """What was agreed on holds from now on; again after each offer and answer (hold, resume, another address)."""
        before, self._agreed = self._agreed, agreed
        now = self._heard_at = self._ticker.now()
        self._latch.aim(agreed.host, agreed.port)
        self._decode = DECODE[agreed.codec]
        self._sender.use(agreed.codec, agreed.payload_type, agreed.ptime_ms // 20)
        if before is None:
            self._timeline.start(now)
        elif agreed.hears != before.hears:
            # Numbers go on while nobody listens; none of them was lost.
            self._jitter.restart()

    def play(self, pcm: bytes) -> None:
        """16-bit PCM, 8 kHz; a last piece below 20 ms is filled up. At most 2 s wait: the oldest is dropped."""
        self._outgoing.add(pcm)

    def clear(self) -> None:
        """What waits is thrown away; its marks count as reached."""
        self._outgoing.clear()

    def mark(self, name: str, reached: Callable[[str], None]) -> None:
        """`reached` is called when all that was played before has gone out or was cleared; never after `close`."""
        self._outgoing.mark(name, reached)

    def close(self) -> None:
        """The ports go back. A second time does nothing."""
        if self._closed:
            return
        self._closed = True
        self._ticker.leave(self)
        self._loop.remove_reader(self._pair.rtp.fileno())
        self._ports.give_back(self._pair)

    def tick(self, now: float, ticks: int) -> None:
        """The ticker's."""
        if self._closed or self._agreed is None:
            return
        self._reads = _READ_PER_TICK
        self._takes = min(_MOST_TAKEN, self._takes + _TAKEN_PER_TICK * ticks)
        if self._deaf:
            self._deaf = False
            self._loop.add_reader(self._pair.rtp.fileno(), self._readable)
        self._jitter.tick(now)
        for _ in range(min(ticks, _MOST_TICKS)):
            self._play_next(self._agreed)
        if ticks > _MOST_TICKS:
            self._sender.skip(ticks - _MOST_TICKS)

    def _listen(self) -> None:
        self._loop.add_reader(self._pair.rtp.fileno(), self._readable)
        self._ticker.join(self)

    def _play_next(self, agreed: Agreed) -> None:
        frame = self._outgoing.take()
        if agreed.sends:
            self._sender.frame(frame)
        else:
            self._sender.skip(1)

    def _send(self, packet: bytearray) -> None:
        # A full buffer or a network that is gone for a moment: lost, as on the way.
        with contextlib.suppress(OSError):
            self._pair.rtp.sendto(packet, self._latch.target)
            self.stats.sent += 1

    def _readable(self) -> None:
        """One datagram: the loop comes again for the next, and is fair to other calls in between."""
        try:
            size, source = self._pair.rtp.recvfrom_into(_inbox)
        except OSError:
            return
        self._reads -= 1
        if self._reads <= 0:
            # The rest is the kernel's to drop, until the next tick.
            self._deaf = True
            self._loop.remove_reader(self._pair.rtp.fileno())
        agreed = self._agreed
        if agreed is None or self._takes <= 0:
            self.stats.ignored += 1
            return
        packet = parse(_view[:size])
        if packet is None or not self._belongs(packet, source, agreed):
            self.stats.ignored += 1
        elif agreed.hears:
            self._take(packet, agreed)

    def _belongs(self, packet: Packet, source: Any, agreed: Agreed) -> bool:
        kind = packet.payload_type
        if kind not in (agreed.payload_type, agreed.telephone_event, _COMFORT_NOISE):
            return False
        if len(packet.payload) > _MOST_PAYLOAD:
            return False
        now = self._ticker.now()
        if not self._latch.admits(source, packet.ssrc, now):
            return False
        self._heard_at = now
        self._takes -= 1
        return True

    def _take(self, packet: Packet, agreed: Agreed) -> None:
        self.stats.received += 1
        if packet.ssrc != self._ssrc:
            if self._ssrc is not None:
                self._jitter.restart()
            self._ssrc = packet.ssrc
        pcm = self._decode(packet.payload) if packet.payload_type == agreed.payload_type else b""
        self._jitter.take(packet.sequence, packet.timestamp, pcm, self._heard_at)
