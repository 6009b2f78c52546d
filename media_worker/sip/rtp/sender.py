"""What a call sends: numbered packets of one SSRC, timestamps that follow the clock whether it sends or not."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType

from media_worker.audio import g711
from media_worker.sip.rtp.packet import HEADER_BYTES, write_header
from media_worker.sip.rtp.timeline import FRAME_SAMPLES
from media_worker.sip.sdp import Codec

ENCODE: Mapping[Codec, Callable[[bytes], bytes]] = MappingProxyType(
    {Codec.PCMU: g711.pcm_to_mulaw, Codec.PCMA: g711.pcm_to_alaw}
)
DECODE: Mapping[Codec, Callable[[bytes], bytes]] = MappingProxyType(
    {Codec.PCMU: g711.mulaw_to_pcm, Codec.PCMA: g711.alaw_to_pcm}
)
_SILENCE = MappingProxyType({codec: encode(bytes(2 * FRAME_SAMPLES)) for codec, encode in ENCODE.items()})


class Sender:
    """`send` gets a buffer that is written again for the next packet. `packets` and `octets` as in a sender report."""

    def __init__(self, send: Callable[[bytearray], None]) -> None:
        self.ssrc = secrets.randbits(32)
        # Unpredictable beginnings are wanted by RFC 3550, 5.1; the timestamp is that of what comes next.
        self.timestamp = secrets.randbits(32)
        self.packets = self.octets = 0
        self._sequence = secrets.randbits(16)
        self._send = send
        self._marks_next = True
        self.use(Codec.PCMU, 0, frames=1)

    def use(self, codec: Codec, payload_type: int, frames: int) -> None:
        """From the next packet on; `frames` of 20 ms go into each."""
        self._encode = ENCODE[codec]
        self._silence = _SILENCE[codec]
        self._payload_type = payload_type
        self._frames = frames
        self._filled = 0
        self._packet = bytearray(HEADER_BYTES + frames * FRAME_SAMPLES)

    def frame(self, pcm: bytes | None) -> None:
        """20 ms that are sent, None for silence: a telephone that gets nothing may hang up."""
        filled = self._filled
        begin = HEADER_BYTES + filled * FRAME_SAMPLES
        self._packet[begin : begin + FRAME_SAMPLES] = self._silence if pcm is None else self._encode(pcm)
        self.timestamp += FRAME_SAMPLES
        if filled + 1 == self._frames:
            self._emit()
        else:
            self._filled = filled + 1

    def skip(self, frames: int) -> None:
        """Time in which nothing is sent. The next packet says that it follows a pause."""
        self.timestamp += frames * FRAME_SAMPLES
        self._filled = 0
        self._marks_next = True

    def _emit(self) -> None:
        began = self.timestamp - self._frames * FRAME_SAMPLES
        write_header(self._packet, self._payload_type, self._marks_next, self._sequence, began, self.ssrc)
        self._filled = 0
        self._marks_next = False
        self._sequence += 1
        self.packets += 1
        self.octets += len(self._packet) - HEADER_BYTES
        self._send(self._packet)
