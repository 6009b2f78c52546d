"""Words that are to be translated in one way only, and names that are not to be translated at all. Pure.

A term is one thing in several languages, so that it holds in every direction of a call. What a translator is asked,
and whether its answer holds the terms, is decided here; who asks is the media plane's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.domain.languages import is_known
from core.domain.term_index import TermIndex

LONGEST_TERM = 60
MOST_LANGUAGES = 8
MOST_IN_A_SESSION = 50
"""Terms, and as many names. Every write of a session carries them."""
MOST_IN_AN_ORGANIZATION = 500
LARGEST_BYTES = 200_000
"""An organization's, as it is stored: a worker reads it whenever a socket comes in."""
TERM_PATTERN = r"^[^\x00-\x1f\x7f]*\w[^\x00-\x1f\x7f]*$"
_WORD = r"[^\W\d_]+(?:['\u2019.-][^\W\d_]+)*[.,]?"
_SAYABLE = re.compile(rf"{_WORD}(?: {_WORD}){{0,5}}")


@dataclass(frozen=True, slots=True)
class Terminology:
    """`glossary`: each term by language code. `names` are the same in all languages. `likely` is neither: what else
    may be said, for recognition."""

    glossary: tuple[Mapping[str, str], ...] = ()
    names: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()

    def over(self, other: Terminology) -> Terminology:
        """Both together; where they differ, what is said here holds."""
        return Terminology(self.glossary + other.glossary, self.names + other.names, self.likely + other.likely)

    def spoken_in(self, language: str) -> tuple[str, ...]:
        """What a speaker of `language` may say, the most telling first; of no language of ours, what anybody may."""
        anybody = not is_known(language)
        terms = (text for term in self.glossary for code, text in term.items() if anybody or code == language)
        return tuple(dict.fromkeys((*self.names, *terms, *self.likely)))

    def between(self, source: str, target: str) -> Wording:
        """What holds for one direction of translation."""
        terms = ((term[source], term[target]) for term in self.glossary if source in term and target in term)
        return Wording(TermIndex((*((name, name) for name in self.names), *terms), source), target)


def is_term(text: str) -> bool:
    return len(text) <= LONGEST_TERM and re.match(TERM_PATTERN, text) is not None


def likely_of(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Values that somebody may say: a few words of letters, and no numbers, addresses or keys."""
    values = (value.strip() for value in metadata.values())
    return tuple(value for value in values if len(value) <= LONGEST_TERM and _SAYABLE.fullmatch(value))


@dataclass(frozen=True, slots=True)
class Wording:
    """One direction. What a term must be told as is found where it is said, whatever its case."""

    said: TermIndex
    target: str

    def wanted(self, text: str) -> list[str]:
        """What a translation of `text` must hold, as often as it must."""
        return [place.told for place in self.said.find(text)]

    def missing(self, text: str, translation: str) -> tuple[str, ...]:
        """Of these, what `translation` does not hold, each once."""
        wanted = Counter(self.wanted(text))
        held = Counter(
            place.told for place in TermIndex(((told, told) for told in wanted), self.target).find(translation)
        )
        return tuple((wanted - held).keys())

    def marked(self, text: str) -> Marked:
        """`text` with a reference in place of each term: translators hand those through."""
        free = _free_marks(text)
        marks: dict[str, str] = {}
        pieces, end = [], 0
        for place in self.said.find(text):
            if mark := next(free, None):
                marks[mark] = place.told
                pieces += [text[end : place.start], mark]
                end = place.end
        return Marked("".join([*pieces, text[end:]]), marks)


@dataclass(frozen=True, slots=True)
class Marked:
    """Text to be translated in place of another, and what its marks stand for."""

    text: str
    marks: Mapping[str, str] = field(default_factory=dict)

    def restored(self, translation: str) -> str | None:
        """None where a mark got lost, or came twice."""
        for mark, told in self.marks.items():
            letters, _, digits = mark.partition("-")
            parts = re.split(rf"{letters}\s?-\s?{digits}(?!\d)", translation, flags=re.IGNORECASE)
            if len(parts) != 2:
                return None
            translation = told.join(parts)
        return translation


def _free_marks(text: str) -> Iterator[str]:
    """References that `text` does not hold, all of one length: none begins another."""
    return (mark for number in range(100, 1000) if (mark := f"QX-{number}") not in text.upper())
