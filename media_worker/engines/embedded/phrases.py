"""Set phrases of the call-centre domain: sentences whose translation people wrote, with slots.

A book is a text file: one line a phrase, `english = spanish`, read in both directions. On each side `|` separates
wordings: all are understood, the first is said (`phrase_templates` tells what a wording may hold). `{slot}` stands for
a line of the section `@slot`, `{number}` for number words or digits, `{name}` for up to three words that are kept. A
line that starts with `>` serves left to right only, with `<` right to left only. `@opening` and `@closing` are what may
come before and after a sentence. An earlier line wins.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from media_worker.engines.embedded import number_words
from media_worker.engines.embedded.phrase_templates import expression, needed, said

_SLOT = re.compile(r"\{(\w+)\}")
_NOT_WORDS = re.compile(r"[^\w\s'.:,$€%@+-]|(?<!\d)[.:,]|[.:,](?!\d)")
_BUILT_IN = {"name", "number"}
_NAME = r"(?:[^\W\d_][^\W\d]* ){1,3}"
# Before words that are not in the book, Spanish `no` is more likely a negation than an answer.
_NEVER_ALONE = ("no",)
_BOOKS = (("en", "es", Path(__file__).with_name("phrases_en_es.txt")),)


class BadBook(Exception):
    """A line of a book cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What the book knows of a sentence: `text` translates its beginning, `rest` (perhaps empty) is left."""

    text: str
    rest: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a book in one direction: what is understood, and what is said for it."""

    understood: tuple[str, ...]
    said: str


@dataclass(slots=True)
class _Entry:
    """One wording of a line. Its expression is made when a sentence first has all the words that it needs."""

    wording: str
    said: str
    needed: frozenset[str]
    pattern: re.Pattern[str] | None = None


def normal(text: str) -> str:
    """Small letters and single spaces, without punctuation: how sentences are compared."""
    return " ".join(_NOT_WORDS.sub(" ", text.lower()).split())


def unaccented(text: str) -> str:
    """The same letters without accents, character by character, so that positions stay. `ñ` is no accented n."""
    return "".join(c if c == "ñ" else unicodedata.normalize("NFD", c)[0] for c in text)


class _Direction:
    """A book in one direction."""

    def __init__(self, source: str, target: str, sections: Mapping[str, Sequence[Line]]) -> None:
        self._source = source
        self._target = target
        self._sections = sections
        self._slots: dict[str, str] = {}
        self._entries = {
            name: [entry for line in lines for entry in self._line(line)] for name, lines in sections.items()
        }

    def _line(self, line: Line) -> Iterator[_Entry]:
        for wording in line.understood:
            if missing := set(_SLOT.findall(line.said)) - set(_SLOT.findall(wording)):
                raise BadBook(f"{wording!r} does not tell {', '.join(missing)} of {line.said!r}")
            if unknown := set(_SLOT.findall(wording)) - self._sections.keys() - _BUILT_IN:
                raise BadBook(f"{wording!r} has slots that do not exist: {', '.join(unknown)}")
            yield _Entry(wording, line.said, needed(wording, unaccented))

    def _pattern(self, entry: _Entry) -> re.Pattern[str]:
        if entry.pattern is None:
            slot_captured = expression(entry.wording, lambda name: f"(?P<{name}>{self._slot(name)})", unaccented)
            entry.pattern = re.compile(slot_captured)
        return entry.pattern

    def _slot(self, name: str) -> str:
        """The expression of a slot, slots within it filled in; none of them captures."""
        if name == "name":
            return _NAME
        if name == "number":
            return unaccented(number_words.pattern(self._source)) + " "
        if name not in self._slots:
            wordings = [wording for line in self._sections[name] for wording in line.understood]
            self._slots[name] = "|".join(
                expression(w, lambda slot: f"(?:{self._slot(slot)})", unaccented) for w in wordings
            )
        return self._slots[name]

    def match(self, section: str, text: str) -> str | None:
        """The translation of `text`, which is `normal`, by one entry of a section."""
        plain = unaccented(text) + " "
        words = frozenset(plain.split())
        for entry in self._entries.get(section, ()):
            if entry.needed <= words and (found := self._pattern(entry).fullmatch(plain)):
                return _SLOT.sub(lambda slot: self._fill(slot[1], text, found), entry.said)
        return None

    def _fill(self, name: str, text: str, found: re.Match[str]) -> str:
        value = text[slice(*found.span(name))].strip()
        if name == "name":
            return value.title()
        if name == "number":
            return number_words.translate(value, self._source, self._target)
        return self.match(name, value) or value


class PhraseBook:
    def __init__(self, directions: Mapping[tuple[str, str], _Direction]) -> None:
        self._directions = directions

    @classmethod
    def read(cls) -> Self:
        directions: dict[tuple[str, str], _Direction] = {}
        for left, right, path in _BOOKS:
            text = path.read_text(encoding="utf-8")
            directions[left, right] = _Direction(left, right, sections(text, reverse=False))
            directions[right, left] = _Direction(right, left, sections(text, reverse=True))
        return cls(directions)

    def translate(self, sentence: str, source: str, target: str) -> Phrase | None:
        """The sentence, or at least its opening, as people would say it; None when neither is in the book."""
        direction = self._directions.get((source, target))
        if direction is None:
            return None
        words = normal(sentence).split()
        whole = _whole(direction, words)
        if whole is not None:
            return Phrase(whole, "")
        openings = list(_openings(direction, words))
        for opening, rest in openings:
            translated = _whole(direction, rest)
            if translated is not None:
                return Phrase(after(opening, translated), "")
        alone = ((opening, rest) for opening, rest in openings if opening not in _NEVER_ALONE)
        return next((Phrase(opening, " ".join(rest)) for opening, rest in alone), None)


def after(opening: str, text: str) -> str:
    """`text` behind an opening, with the comma that belongs there."""
    return f"{opening} {text}" if opening.endswith((" y", " and")) else f"{opening}, {text}"


def _whole(direction: _Direction, words: Sequence[str]) -> str | None:
    """The translation of all words as one phrase, perhaps with a closing word behind it."""
    found = direction.match("phrases", " ".join(words))
    if found is not None:
        return found
    for cut in range(1, len(words)):
        closing = direction.match("closing", " ".join(words[cut:]))
        found = direction.match("phrases", " ".join(words[:cut])) if closing is not None else None
        if closing is not None and found is not None:
            return _closed(found, closing)
    return None


def _closed(text: str, closing: str) -> str:
    mark = text[-1] if text[-1:] in ("?", "!") else ""
    return f"{text.removesuffix(mark)}, {closing}{mark}"


def _openings(direction: _Direction, words: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Every way to read the first words as an opening, the longest first, with what is left."""
    for cut in range(len(words) - 1, 0, -1):
        opening = direction.match("opening", " ".join(words[:cut]))
        if opening is not None:
            yield opening, words[cut:]


def sections(text: str, *, reverse: bool) -> dict[str, list[Line]]:
    """A book's lines by section, in one direction; lines before the first `@` are the `phrases`."""
    found: dict[str, list[Line]] = {"phrases": []}
    section = found["phrases"]
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("@"):
            section = found.setdefault(line[1:], [])
        elif line and not line.startswith(("#", ">" if reverse else "<")):
            section.append(_parse(line.lstrip("<> "), reverse))
    return found


def _parse(line: str, reverse: bool) -> Line:
    left, right = (tuple(wording.strip() for wording in side.split("|")) for side in line.split(" = ", 1))
    source, target = (right, left) if reverse else (left, right)
    return Line(source, said(target[0]))
