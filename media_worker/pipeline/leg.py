"""One socket in a conversation: whose voice it carries, who listens on it, how it wants to be spoken to.

Legs are numbered in the order in which they came to this worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Protocol

from core.domain.sessions import Role
from core.errors import InvalidRequest
from media_worker.audio.channels import split
from media_worker.audio.sequence import Sequencer
from media_worker.dialects.base import Dialect
from media_worker.messages import AudioIn, Clear, Failure, ServerMessage, Speech
from media_worker.pipeline.intake import Intake
from media_worker.pipeline.loudspeaker import Loudspeaker
from media_worker.pipeline.pacer import Pacer
from media_worker.pipeline.party import Cast, Party
from media_worker.pipeline.playout import Playback

_SAY_AGAIN_S = 1.0
_STEREO = (Role.CUSTOMER, Role.AGENT)


class Socket(Protocol):
    """The sending side of a socket; never blocks."""

    def send(self, frame: bytes, *, droppable: bool = False) -> None:
        """A droppable frame is left out when the client does not keep up; any other then closes the socket."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Once; what was sent before still goes out."""
        ...


class Leg:
    """`name` is what the client said to be: a participant's id or a role. Without one the leg speaks and hears for
    whoever it is used. `party` and `cast` are set by `meet`, before anything is heard or played."""

    cast: Cast

    def __init__(self, number: int, name: str | None, dialect: Dialect, socket: Socket) -> None:
        self.number = number
        self.name = name
        self.dialect = dialect
        self.muted = False
        self.wants_original = False
        self.party: Party | None = None
        self.spoken: set[Party] = set()
        self._socket = socket
        self._sequencer = Sequencer()
        self._intakes: dict[Party, Intake] = {}
        self._speaker = Loudspeaker(self._speak, Pacer(monotonic))
        self._failures: dict[str, float] = {}

    def hear_first(self, dialect: Dialect) -> None:
        """The first frame after a token in the upgrade: a carrier may have come that way, past our greeting."""
        if dialect.paced and not self.dialect.paced:
            self.dialect = dialect

    def meet(self, cast: Cast) -> None:
        """Raises InvalidRequest when nobody of that name takes part."""
        self.cast = cast
        if self.name is not None:
            self._be(self.name)

    def introduce(self, name: str | None, *, original_voice: bool) -> bool:
        """By a carrier's start message; False when this client has no need to say again who it is.

        Raises InvalidRequest when nobody of that name takes part.
        """
        if not self.dialect.paced or self.party is not None:
            return False
        self.wants_original = original_voice
        if name is not None:
            self._be(name)
        return True

    def voices(self, frame: AudioIn) -> list[tuple[Party, bytes]]:
        """Who said what in a message, numbered ones put in order first."""
        if frame.channels == 1:
            speaker = self.speaker(frame.speaker)
            return [(speaker, pcm) for pcm in self._in_order(frame)]
        both = [self.speaker(role) for role in _STEREO]
        return [voice for pcm in self._in_order(frame) for voice in zip(both, split(pcm), strict=True)]

    def speaker(self, named: Role | None) -> Party:
        """Who is meant by the role that a message names, or by its silence."""
        own = self.party
        if own is not None and (named is None or named is own.role):
            return own
        return self.cast.side(named or Role.CUSTOMER)

    def intake(self, party: Party, rate_hz: int, recogniser_hz: int) -> Intake:
        intake = self._intakes.get(party)
        if intake is None or intake.rate_hz != rate_hz:
            intake = self._intakes[party] = Intake(rate_hz, recogniser_hz)
        return intake

    def send(self, message: ServerMessage, *, droppable: bool = False) -> None:
        if frame := self.dialect.send(message):
            self._socket.send(frame, droppable=droppable)

    def fail(self, failure: Failure, now: float) -> None:
        """The same complaint at most once a second: a wrong format comes fifty times."""
        if now - self._failures.get(failure.code, -_SAY_AGAIN_S) >= _SAY_AGAIN_S:
            self._failures[failure.code] = now
            self.send(failure)

    def plug(self, pacer: Pacer) -> None:
        """Into the clock by which the whole process plays."""
        self._speaker.pacer = pacer

    def play(self, speech: Speech) -> None:
        """In the client's own rate, and at its own pace."""
        self._speaker.play(speech, self.dialect.format.rate_hz, paced=self.dialect.paced)

    def stop(self, clear: Clear) -> None:
        """The listener speaks: nothing more of what is being played."""
        self._speaker.clear(clear)

    def marked(self, name: str) -> None:
        self._speaker.marked(name)

    @property
    def playbacks(self) -> Mapping[str, Playback]:
        """What the listener truly heard of the last segments, as far as the client tells."""
        return self._speaker.playbacks

    def left(self) -> None:
        """The socket is gone."""
        self._speaker.close()

    def close(self, code: int, reason: str) -> None:
        self._socket.close(code, reason)

    def _be(self, name: str) -> None:
        party = self.cast.named(name)
        if party is None:
            raise InvalidRequest("invalid_participant", "participant is customer, agent or a participant's id")
        self.party = party
        self.spoken.add(party)

    def _in_order(self, frame: AudioIn) -> tuple[bytes, ...] | list[bytes]:
        if frame.sequence is None:
            return (frame.pcm,)
        track = (frame.speaker, frame.channels, frame.rate_hz)
        return self._sequencer.accept(track, frame.sequence, frame.pcm)

    def _speak(self, message: ServerMessage) -> None:
        """What can be missed of sound is the voice that is passed on."""
        self.send(message, droppable=type(message) is Speech and message.segment_id is None)
