"""The legs of a conversation, and which of them are whose. Pure but for handing messages to legs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from media_worker.messages import Clear, ServerMessage, Speech
from media_worker.pipeline.intake import recogniser_rate_hz
from media_worker.pipeline.leg import Leg
from media_worker.pipeline.party import Party


class Audience:
    """The connected legs, in the order in which they came. `note` gets what all of them are told."""

    def __init__(self, note: Callable[[ServerMessage], None] = lambda _message: None) -> None:
        self._note = note
        self._legs: list[Leg] = []
        self.wants_original = False

    def __len__(self) -> int:
        return len(self._legs)

    def __iter__(self) -> Iterator[Leg]:
        return iter(tuple(self._legs))

    def add(self, leg: Leg) -> None:
        self._legs.append(leg)
        self.note_wishes()

    def remove(self, leg: Leg) -> bool:
        """False when it was not among them."""
        if leg not in self._legs:
            return False
        self._legs.remove(leg)
        self.note_wishes()
        return True

    def tell(self, message: ServerMessage, *, droppable: bool = False) -> None:
        """Everybody sees transcripts, latencies and notices."""
        self._note(message)
        for leg in tuple(self._legs):
            leg.send(message, droppable=droppable)

    def listeners(self, target: Party) -> list[Leg]:
        """Legs that are `target`, by what they said or by how they speak; if there is none, those that said nothing.

        So one socket may carry both parties, and two sockets each hear only what is for them. A third that says nothing
        hears what is for a party without a leg, and is silent where both have one; transcripts it gets always.
        """
        own = [leg for leg in self._legs if target in leg.spoken]
        if own or not target.leads:
            return own
        return [leg for leg in self._legs if leg.party is None]

    def play(self, target: Party, speech: Speech) -> None:
        for leg in self.listeners(target):
            leg.play(speech)

    def pass_on(self, target: Party, speech: Speech, source: Leg, *, everybody: bool) -> None:
        """The original voice, to everybody or to who asked for it.

        `source` does not hear its own voice back, unless it carries the listener, too.
        """
        for leg in self.listeners(target):
            wanted = everybody or leg.wants_original
            if wanted and (leg is not source or target in leg.spoken):
                leg.play(speech)

    def may_interrupt(self, target: Party) -> bool:
        """Whether each listener is a person on a line of their own.

        A socket that carries both parties is no telephone: who plays its sound, and to whom, is not ours to stop.
        """
        listeners = self.listeners(target)
        return bool(listeners) and all(leg.spoken == {target} for leg in listeners)

    def stop(self, target: Party, clear: Clear) -> None:
        for leg in self.listeners(target):
            leg.stop(clear)

    def heard_s(self, target: Party, segment_id: str) -> float | None:
        """How much of a segment was heard, by the listener who heard most; None where no client tells."""
        playbacks = (leg.playbacks.get(segment_id) for leg in self.listeners(target))
        return max((playback.heard_s for playback in playbacks if playback), default=None)

    def note_wishes(self) -> None:
        """To be called when a leg has changed what it wants to hear."""
        self.wants_original = any(leg.wants_original for leg in self._legs)

    def speech_rate_hz(self, target: Party) -> int | None:
        """Wideband speech is worth making only for whoever can hear it; None when nobody listens as `target`."""
        rates = [leg.dialect.format.rate_hz for leg in self.listeners(target)]
        return recogniser_rate_hz(max(rates)) if rates else None
