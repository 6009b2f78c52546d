"""The terms of one session, ready for use: made once per direction, at its first utterance."""

from __future__ import annotations

from core.domain.terminology import Terminology, Wording


class Vocabulary:
    def __init__(self, terminology: Terminology) -> None:
        self._terminology = terminology
        self._wordings: dict[tuple[str, str], Wording] = {}

    def wording(self, source: str, target: str) -> Wording:
        if (source, target) not in self._wordings:
            self._wordings[source, target] = self._terminology.between(source, target)
        return self._wordings[source, target]

    def spoken_in(self, language: str) -> tuple[str, ...]:
        return self._terminology.spoken_in(language)
