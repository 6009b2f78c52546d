"""Playing to a client that plays at once what it gets: whole 20 ms frames, at most `LEAD_S` before they are heard.

The little that is ahead bridges the jitter of the way; what is behind it can still be taken back when the listener
starts to speak. Translated speech is mixed over the original voice where a leg wants both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.audio.mix import Ducker, mixed
from media_worker.messages import Clear, Mark, ServerMessage, Speech

FRAME_MS = 20
LEAD_S = 0.1
_FRAME_S = FRAME_MS / 1000
# Of the passed-on voice that much may wait; older sound is dropped, or a listener would hear the past.
_ORIGINAL_S = 0.2
_REMEMBERED = 64


class Heard(StrEnum):
    """What became of a segment at its listener. `WAITING` until the carrier has sent its mark back."""

    WAITING = "waiting"
    FULLY = "fully"
    PARTLY = "partly"


@dataclass(slots=True)
class Playback:
    """One segment on one leg. `sent_s` is how much went out; `heard_s` how much of it was played before a barge-in."""

    segment_id: str
    began_at: float | None = None
    sent_s: float = 0.0
    heard_s: float = 0.0
    heard: Heard = Heard.WAITING


@dataclass(slots=True)
class _Queued:
    """Sound of one segment that waits. `whole` once its end is known; without a `mark` it broke off."""

    speech: Speech
    pcm: bytearray = field(default_factory=bytearray)
    mark: str | None = None
    whole: bool = False


class Playout:
    """One leg's. Bounded by who fills it: translated speech is handed over at most `speech_ahead_s` early."""

    def __init__(self, rate_hz: int, send: Callable[[ServerMessage], None]) -> None:
        self._send = send
        self._frame_bytes = rate_hz * FRAME_MS // 1000 * SAMPLE_BYTES
        self._rate_hz = rate_hz
        self._most_original = int(_ORIGINAL_S * rate_hz) * SAMPLE_BYTES
        self._waiting: deque[_Queued] = deque()
        self._originals: dict[int, bytearray] = {}
        self._original_speech: Speech | None = None
        self._ducker = Ducker()
        self._sent_until = self._live_until = 0.0
        self.playbacks: dict[str, Playback] = {}

    def add(self, speech: Speech) -> None:
        """Speech at this leg's rate; without a segment it is the original voice."""
        if speech.segment_id is None:
            self._pass_on(speech)
            return
        if not self._waiting or self._waiting[-1].whole or self._waiting[-1].speech.segment_id != speech.segment_id:
            self._finish(None)
            self._waiting.append(_Queued(speech))
            self._remember(speech.segment_id)
        self._waiting[-1].pcm += speech.pcm
        if speech.mark:
            self._finish(speech.mark)

    def play_due(self, now: float) -> bool:
        """Every frame whose time has come. False when nothing whole is left."""
        self._sent_until = max(self._sent_until, now)
        if any(self._originals.values()):
            self._live_until = now + LEAD_S
        # A voice that is passed on comes as it is spoken: there is none of it to send ahead with the translation.
        # Alone it goes out as it comes, or whatever was late once would stay late until the speaker pauses.
        lead_s = _FRAME_S if self._waiting and now < self._live_until else LEAD_S
        while self._sent_until < now + lead_s - 1e-6:
            if not self._play_frame(now):
                return False
            self._sent_until += _FRAME_S
        # Who is told to come back plays at the next tick; a voice that comes as it is spoken must not wait for that.
        return bool(self._waiting) or any(len(voice) >= self._frame_bytes for voice in self._originals.values())

    def clear(self, clear: Clear, now: float) -> None:
        """The listener speaks: what waits is dropped, what the client has it throws away. It is not played again."""
        for playback in self.playbacks.values():
            if playback.heard is Heard.WAITING:
                playback.heard = Heard.PARTLY
                began_at = now if playback.began_at is None else playback.began_at
                playback.heard_s = min(playback.sent_s, max(0.0, now - began_at))
        self._waiting.clear()
        self._originals.clear()
        self._sent_until = now
        self._send(clear)

    def marked(self, name: str) -> None:
        """The client has come to a mark. After a clear it sends back all of them, which then says nothing."""
        playback = self.playbacks.get(name)
        if playback is not None and playback.heard is Heard.WAITING:
            playback.heard, playback.heard_s = Heard.FULLY, playback.sent_s

    def _pass_on(self, speech: Speech) -> None:
        self._original_speech = speech
        voice = self._originals.get(speech.line)
        if voice is None:
            voice = self._originals[speech.line] = bytearray()
        voice += speech.pcm
        excess = len(voice) - self._most_original
        if excess > 0:
            del voice[:excess]

    def _finish(self, mark: str | None) -> None:
        """Nothing more comes of the segment that was added last."""
        if self._waiting and not self._waiting[-1].whole:
            last = self._waiting[-1]
            last.pcm += bytes(-len(last.pcm) % self._frame_bytes)
            last.mark, last.whole = mark, True

    def _remember(self, segment_id: str) -> None:
        self.playbacks[segment_id] = Playback(segment_id)
        if len(self.playbacks) > _REMEMBERED:
            del self.playbacks[next(iter(self.playbacks))]

    def _play_frame(self, now: float) -> bool:
        """One frame of what is to be heard; False when there is none."""
        spoken = self._translated(now)
        original = self._take_original()
        if original is not None:
            original = self._ducker.apply(original, ducked=spoken is not None)
        if spoken is not None:
            about, pcm = spoken
            self._emit(about, mixed(pcm, original) if original else pcm)
        elif original is not None and self._original_speech is not None:
            self._emit(self._original_speech, original)
        else:
            return False
        if self._waiting:
            self._close_segments()
        return True

    def _emit(self, about: Speech, pcm: bytes) -> None:
        frame = Speech(
            about.segment_id, about.sequence, about.speaker, about.target, about.language, pcm, self._rate_hz
        )
        self._send(frame)

    def _translated(self, now: float) -> tuple[Speech, bytes] | None:
        if not self._waiting:
            return None
        queued = self._waiting[0]
        pcm = self._take(queued.pcm)
        if pcm is None:
            return None
        assert queued.speech.segment_id is not None
        if playback := self.playbacks.get(queued.speech.segment_id):
            playback.began_at = max(now, self._sent_until) if playback.began_at is None else playback.began_at
            playback.sent_s += _FRAME_S
        return queued.speech, pcm

    def _close_segments(self) -> None:
        while self._waiting and self._waiting[0].whole and not self._waiting[0].pcm:
            if mark := self._waiting.popleft().mark:
                self._send(Mark(mark))

    def _take_original(self) -> bytes | None:
        """Whoever is passed on, one over the other."""
        taken: bytes | None = None
        for voice in self._originals.values():
            if (pcm := self._take(voice)) is not None:
                taken = pcm if taken is None else mixed(taken, pcm)
        return taken

    def _take(self, waiting: bytearray) -> bytes | None:
        if len(waiting) < self._frame_bytes:
            return None
        pcm = bytes(waiting[: self._frame_bytes])
        del waiting[: self._frame_bytes]
        return pcm
