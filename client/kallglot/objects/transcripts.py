"""What was said in a session, turn by turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kallglot.objects.reading import Object, Shape


@dataclass(frozen=True, kw_only=True)
class Translation(Shape):
    """`figures_to_check`: numbers and references that are not the same on both sides; `terms_to_check`: terms
    that it should hold and does not."""

    language: str = ""
    text: str = ""
    figures_to_check: tuple[str, ...] = ()
    terms_to_check: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Turn(Shape):
    """One final utterance. Times are seconds from the session's first audio; `confidence` is 0 to 1.

    `translation` is for the other side of the call, `further_translations` for those who speak yet other languages.
    """

    id: str = ""
    sequence: int = 0
    speaker: str = ""
    language: str = ""
    text: str = ""
    translation: Translation | None = None
    further_translations: tuple[Translation, ...] = ()
    participant: str | None = None
    timestamp: datetime | None = None
    start_time: float = 0.0
    end_time: float = 0.0
    confidence: float = 0.0


@dataclass(frozen=True, kw_only=True)
class LanguagePair(Shape):
    source: str | None = None
    target: str | None = None


@dataclass(frozen=True, kw_only=True)
class Transcript(Object):
    """`status` is `in_progress` or `completed`. The early shape, `segments`, is in `raw`."""

    session_id: str = ""
    status: str = ""
    language: LanguagePair = field(default_factory=LanguagePair)
    turns: tuple[Turn, ...] = ()
    duration: float = 0.0
    word_count: int = 0

    @property
    def is_complete(self) -> bool:
        return self.status == "completed"
