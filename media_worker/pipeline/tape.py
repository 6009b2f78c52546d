"""What goes onto the recording of one conversation: voices as they come, and an agent's as it is heard.

Pure but for the recorder it fills. Times are seconds, positions 8 kHz samples, both on the session's clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from core.domain.recordings import RATE_HZ
from core.domain.sessions import Session
from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.audio.resample import Resampler
from media_worker.messages import Speech
from media_worker.pipeline.party import Party
from media_worker.pipeline.recorder import Piece, Recorder


class Tape:
    """Nothing is kept where no recording was asked for."""

    def __init__(self) -> None:
        self._recorder: Recorder | None = None
        self._ahead: deque[tuple[Party, int, bytes]] = deque()
        self._until = 0
        self._resampler: tuple[str | None, Resampler] | None = None

    def begin(self, session: Session, elapsed_s: float) -> None:
        """A conversation that goes on here begins where its clock stands."""
        if session.recording.enabled:
            self._recorder = Recorder(session.id, session.recording.channels, int(elapsed_s * RATE_HZ))

    def hear(self, party: Party, position: int, pcm: bytes) -> None:
        if self._recorder is not None:
            self._recorder.write(party, position, pcm)

    def speak(self, party: Party, speech: Speech, elapsed_s: float) -> None:
        """Sound of an agent, which was sent ahead of its time: it is recorded when it is heard."""
        if self._recorder is None:
            return
        pcm = self._narrow(speech)
        position = max(self._until, int(elapsed_s * RATE_HZ))
        self._until = position + len(pcm) // SAMPLE_BYTES
        self._ahead.append((party, position, pcm))

    def cut(self, elapsed_s: float) -> None:
        """What was not heard by now never is."""
        now = int(elapsed_s * RATE_HZ)
        self._write_heard(now)
        for party, position, pcm in self._ahead:
            if position < now:
                self.hear(party, position, pcm[: (now - position) * SAMPLE_BYTES])
        self._ahead.clear()
        self._until = min(self._until, now)

    def due(self, now: int) -> Iterator[Piece]:
        """What is complete at `now`."""
        self._write_heard(now)
        return self._recorder.due(now) if self._recorder else iter(())

    def rest(self, now: int) -> Iterator[Piece]:
        self.cut(now / RATE_HZ)
        return self._recorder.rest(now) if self._recorder else iter(())

    def _write_heard(self, now: int) -> None:
        while self._ahead and self._ahead[0][1] + len(self._ahead[0][2]) // SAMPLE_BYTES <= now:
            self.hear(*self._ahead.popleft())

    def _narrow(self, speech: Speech) -> bytes:
        if speech.rate_hz == RATE_HZ:
            return speech.pcm
        if self._resampler is None or self._resampler[0] != speech.segment_id:
            self._resampler = speech.segment_id, Resampler(speech.rate_hz, RATE_HZ)
        return self._resampler[1].push(speech.pcm)
