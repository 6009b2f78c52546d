"""How one leg hears: at its own rate; a carrier 20 ms by 20 ms, others as it comes, up to a second early."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.audio.mix import Ducker
from media_worker.audio.resample import Resampler
from media_worker.messages import Clear, ServerMessage, Speech
from media_worker.pipeline.pacer import Pacer
from media_worker.pipeline.playout import Playback, Playout


class Loudspeaker:
    """`send` takes one message for this leg. `pacer` is the process's one."""

    def __init__(self, send: Callable[[ServerMessage], None], pacer: Pacer) -> None:
        self._send = send
        self._playout: Playout | None = None
        self._ducker = Ducker()
        self._talks_until = 0.0
        self._original: tuple[int, int, Resampler] | None = None
        self._translated: tuple[str, Resampler] | None = None
        self.pacer = pacer

    @property
    def playbacks(self) -> Mapping[str, Playback]:
        """What became of the last segments, where that can be known: at carriers, which answer marks."""
        return MappingProxyType(self._playout.playbacks if self._playout else {})

    def play(self, speech: Speech, rate_hz: int, *, paced: bool) -> None:
        """`rate_hz` is the leg's."""
        if speech.rate_hz != rate_hz:
            speech = replace(speech, pcm=self._resampler(speech, rate_hz).push(speech.pcm), rate_hz=rate_hz)
        if paced:
            playout = self._playout = self._playout or Playout(rate_hz, self._send)
            playout.add(speech)
            self.pacer.join(playout)
        elif speech.segment_id is None:
            self._pass_on(speech)
        else:
            self._talk(speech)

    def clear(self, clear: Clear) -> None:
        """Stop what is played now."""
        if self._playout is not None:
            self._playout.clear(clear, self.pacer.now())
        else:
            self._talks_until = 0.0
            self._send(clear)

    def marked(self, name: str) -> None:
        if self._playout is not None:
            self._playout.marked(name)

    def close(self) -> None:
        if self._playout is not None:
            self.pacer.leave(self._playout)

    def _pass_on(self, speech: Speech) -> None:
        """Once per frame, and mostly there is nothing to change: a copy would cost more than all the rest here."""
        ducked = self._talks_until > 0.0 and self.pacer.now() < self._talks_until
        pcm = self._ducker.apply(speech.pcm, ducked=ducked) if speech.pcm else speech.pcm
        self._send(speech if pcm is speech.pcm else replace(speech, pcm=pcm))

    def _talk(self, speech: Speech) -> None:
        """The client plays one piece after the other; until then the original voice is turned down."""
        length_s = len(speech.pcm) / SAMPLE_BYTES / speech.rate_hz
        self._talks_until = max(self._talks_until, self.pacer.now()) + length_s
        self._send(speech)

    def _resampler(self, speech: Speech, rate_hz: int) -> Resampler:
        """One for the voice that is passed on, one for the sentence that is spoken; a new sentence starts afresh."""
        if speech.segment_id is None:
            if self._original is None or self._original[:2] != (speech.rate_hz, rate_hz):
                self._original = speech.rate_hz, rate_hz, Resampler(speech.rate_hz, rate_hz)
            return self._original[2]
        if self._translated is None or self._translated[0] != speech.segment_id:
            self._translated = speech.segment_id, Resampler(speech.rate_hz, rate_hz)
        return self._translated[1]
