"""One call's sound over RTP: what is said comes out steadily, what is played goes out every 20 ms.

Everything happens on the event loop: when a datagram has come, and with the ticker that all calls share.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from media_worker.sip.rtp import rtcp
from media_worker.sip.rtp.control import Control
from media_worker.sip.rtp.inlet import Inlet
from media_worker.sip.rtp.jitter import JitterBuffer
from media_worker.sip.rtp.latch import Latch
from media_worker.sip.rtp.outgoing import Outgoing
from media_worker.sip.rtp.packet import Packet, parse
from media_worker.sip.rtp.ports import Datagrams, PortPair, RtpPorts
from media_worker.sip.rtp.sender import DECODE, Sender
from media_worker.sip.rtp.stats import RtpStats
from media_worker.sip.rtp.telephone_events import TelephoneEvents
from media_worker.sip.rtp.ticker import Ticker
from media_worker.sip.rtp.timeline import Timeline
from media_worker.sip.sdp import Agreed

_COMFORT_NOISE = 13
# The older way to say "hold". Whoever sends there reaches himself.
_NOWHERE = "0.0.0.0"  # noqa: S104
_MOST_PAYLOAD = 1440
# After the loop was held up for longer, the missed packets are left out: they would come too late to be played.
_MOST_TICKS = 5
# Datagrams that are looked at: 5,000 a second; and of these that are taken for the call's: 200, and 300 after a stall.
_READ_PER_TICK, _REPORTS_READ_PER_TICK = 100, 5
_TAKEN_PER_TICK, _MOST_TAKEN = 4, 300


class RtpStream:
    """Made by `open`. Nothing is sent or heard until `aim` says what was agreed on."""

    @classmethod
    async def open(
        cls, ports: RtpPorts, ticker: Ticker, hear: Callable[[bytes], None], key: Callable[[str], None]
    ) -> RtpStream:
        """`hear` gets 160 samples of 16-bit PCM, 8 kHz, for every 20 ms; `key` one of 0-9*#A-D. Raises NoPortLeft."""
        pair = ports.take()
        try:
            stream = cls(ports, pair, ticker, hear, key)
        except BaseException:
            ports.give_back(pair)
            raise
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
        now = ticker.now()
        self.port = pair.port
        self.stats = RtpStats()
        self._ports = ports
        self._pair = pair
        self._ticker = ticker
        self._sound = Inlet(pair.rtp, self._arrived, _READ_PER_TICK)
        self._reports = Inlet(pair.rtcp, self._report_arrived, _REPORTS_READ_PER_TICK)
        self._timeline = Timeline(hear, self.stats, now)
        self._jitter = JitterBuffer(self._timeline, self.stats)
        self._events = TelephoneEvents(key)
        self._latch = Latch()
        self._outgoing = Outgoing()
        self._sender = Sender(self._send)
        self._control = Control(self._sender, self.stats, now)
        self._agreed: Agreed | None = None
        self._reports_to: tuple[str, int] | None = None
        self._heard_at = now
        self._takes = _MOST_TAKEN
        self._closed = False

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
        if agreed.host != _NOWHERE:
            self._latch.aim(agreed.host, agreed.port)
        self._reports_to = None
        self._decode = DECODE[agreed.codec]
        self._sender.use(agreed.codec, agreed.payload_type, agreed.ptime_ms // 20)
        if before is None:
            self._timeline.start(now)
        elif agreed.hears != before.hears:
            # Numbers go on while nobody listens; none of them was lost.
            self._jitter.restart()
            self._control.reception.ssrc = None

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
        """Says good-bye and gives the ports back. A second time does nothing."""
        if self._closed:
            return
        self._closed = True
        self._ticker.leave(self)
        if self._agreed is not None:
            self._send_report(self._agreed, leaves=True)
        self._sound.close()
        self._reports.close()
        self._ports.give_back(self._pair)

    def tick(self, now: float, ticks: int) -> None:
        """The ticker's."""
        agreed = self._agreed
        if self._closed or agreed is None:
            return
        self._sound.refill()
        self._reports.refill()
        self._takes = min(_MOST_TAKEN, self._takes + _TAKEN_PER_TICK * ticks)
        self._jitter.tick(now)
        for _ in range(min(ticks, _MOST_TICKS)):
            frame = self._outgoing.take()
            if agreed.sends:
                self._sender.frame(frame)
            else:
                self._sender.skip(1)
        if ticks > _MOST_TICKS:
            self._sender.skip(ticks - _MOST_TICKS)
        if now >= self._control.due:
            self._send_report(agreed)

    def _listen(self) -> None:
        self._sound.open()
        self._reports.open()
        self._ticker.join(self)

    def _send(self, packet: bytearray) -> None:
        self.stats.sent += self._put(self._pair.rtp, packet, self._latch.target)

    def _send_report(self, agreed: Agreed, *, leaves: bool = False) -> None:
        report = self._control.report(self._ticker.now(), leaves=leaves)
        if agreed.rtcp_mux:
            self._put(self._pair.rtp, report, self._latch.target)
        elif agreed.host != _NOWHERE:
            self._put(self._pair.rtcp, report, self._reports_to or (agreed.host, agreed.rtcp_port))

    def _put(self, datagrams: Datagrams, data: bytes | bytearray, to: tuple[str, int]) -> bool:
        if not to[1]:
            return False
        # A full buffer or a network that is gone for a moment: lost, as on the way.
        with contextlib.suppress(OSError):
            datagrams.sendto(data, to)
            return True
        return False

    def _arrived(self, data: memoryview, source: Any) -> None:
        agreed = self._agreed
        if agreed is None or self._takes <= 0:
            self.stats.ignored += 1
        elif (packet := parse(data)) is not None and self._belongs(packet, source, agreed):
            if agreed.hears:
                self._take(packet, agreed)
        elif agreed.rtcp_mux and rtcp.is_rtcp(data):
            self._report_arrived(data, source)
        else:
            self.stats.ignored += 1

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
        reception = self._control.reception
        if packet.ssrc != reception.ssrc:
            if reception.ssrc is not None:
                self._jitter.restart()
                self._events.restart()
            reception.start(packet.ssrc, packet.sequence)
        reception.count(packet.sequence)
        pcm = b""
        if packet.payload_type == agreed.payload_type:
            pcm = self._decode(packet.payload)
        elif packet.payload_type == agreed.telephone_event:
            self._events.take(packet.timestamp, packet.payload, self._heard_at)
        self._jitter.take(packet.sequence, packet.timestamp, pcm, self._heard_at)

    def _report_arrived(self, data: memoryview, source: Any) -> None:
        """Only from the host that the sound comes from; where it comes from, ours go."""
        agreed = self._agreed
        if agreed is None or source[0] != self._latch.target[0] or (report := rtcp.parse(data)) is None:
            self.stats.ignored += 1
            return
        if not agreed.rtcp_mux:
            self._reports_to = source
        self._control.take(report, self._ticker.now())
