"""Which language a party speaks, where nobody has said. Pure.

A first guess serves at once; it is settled when the recogniser is sure or the next utterance agrees, and then stays: a
loan word or a cough must not change the language of a call.
"""

from __future__ import annotations

from dataclasses import dataclass

from media_worker.engines.base import UNDETERMINED

_SURE = 0.85


@dataclass(slots=True)
class Tongue:
    """`language` None is not known yet; one that was given is settled."""

    language: str | None
    settled: bool = False

    def __post_init__(self) -> None:
        self.settled = self.language is not None

    @property
    def asked(self) -> str:
        """The language that a recogniser is opened for."""
        return self.language if self.settled and self.language else UNDETERMINED

    def heard(self, language: str, confidence: float) -> None:
        """An utterance that was understood, and how sure (0..1) its language is."""
        if not self.settled:
            self.settled = confidence >= _SURE or language == self.language
            self.language = language
