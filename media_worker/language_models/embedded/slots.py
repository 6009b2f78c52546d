"""A tool's parameters, filled from what was said. Pure.

What has a shape (addresses, patterns, choices, dates, times) is read first, then numbers and ids, and free text last,
after a word that announces it or as the whole answer to a question for it. Lists and objects are not filled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.domain.agents import ToolDeclaration
from media_worker.language_models.embedded import readers
from media_worker.language_models.embedded.numbers import written
from media_worker.language_models.embedded.phrases import Phrases
from media_worker.language_models.embedded.readers import Found, Reader
from media_worker.language_models.embedded.words import Vocabulary, spread, stems, tokens

_ID_WORDS = {"code", "codigo", "id", "no", "number", "nummer", "numero", "nr", "ref", "reference", "referencia", "sku"}
_NAME_WORDS = {"name", "nombre"}
_NEAR = 24
_SHORT = 4
_LONGEST_ANSWER = 6
_ONE = r"[\w'\u2019-]+"
_CAPITAL = r"[A-ZÄÖÜÁÉÍÓÚÑ][\w'\u2019-]*"


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def called(self) -> str:
        """As one says it: its title, a short description, or its name in words."""
        described = str(self.schema.get("description") or "").strip(" .")
        short = described if len(described.split()) <= _SHORT else ""
        return str(self.schema.get("title") or short or spread(self.name))

    @property
    def words(self) -> str:
        return f"{spread(self.name)} {self.schema.get('title') or ''} {self.schema.get('description') or ''}"

    @property
    def kind(self) -> str:
        given = self.schema.get("type", "string")
        return str(given if isinstance(given, str) else next((one for one in given if one != "null"), "string"))

    @property
    def is_id(self) -> bool:
        return any(word in _ID_WORDS for word in tokens(spread(self.name))) or any(
            word.endswith(("nummer", "number", "code")) for word in tokens(self.called)
        )


def slots_of(tool: ToolDeclaration) -> tuple[Slot, ...]:
    required = tool.parameters.get("required") or ()
    properties = tool.parameters.get("properties") or {}
    return tuple(
        Slot(name, schema if isinstance(schema, Mapping) else {}, name in required)
        for name, schema in properties.items()
    )


def fill(slots: Iterable[Slot], text: str, known: Phrases, today: date, *, asked: str | None = None) -> dict[str, Any]:
    """Values for those slots that the text has one for; `asked` is the name of the slot that was just asked for."""
    return _Filling(written(text, known), known, today, asked).of(tuple(slots))


class _Filling:
    def __init__(self, text: str, known: Phrases, today: date, asked: str | None) -> None:
        self._rest = text
        self._known = known
        self._today = today
        self._asked = asked
        self._values: dict[str, Any] = {}

    def of(self, slots: tuple[Slot, ...]) -> dict[str, Any]:
        for slot in slots:
            if reader := _reader(slot, slot.name == self._asked):
                self._keep(slot, reader(self._rest, slot.schema, self._known, self._today))
        self._counted([slot for slot in slots if _is_counted(slot)])
        for slot in slots:
            if _is_free(slot) and slot.name not in self._values:
                self._keep(slot, self._free(slot))
        return self._values

    def _keep(self, slot: Slot, found: Found | None) -> None:
        """Blanks what was read, and keeps every other place as it was."""
        if found is not None:
            self._values[slot.name] = found.value
            self._rest = self._rest[: found.start] + " " * (found.end - found.start) + self._rest[found.end :]

    def _counted(self, slots: list[Slot]) -> None:
        """Numbers that stand at a word of their slot first; others go to those that must have one, in their order."""
        while pair := self._nearest([slot for slot in slots if slot.name not in self._values]):
            self._keep(*pair)
        for slot in slots:
            if slot.name not in self._values and (slot.required or slot.name == self._asked):
                self._keep(slot, next(iter(self._candidates(slot)), None))

    def _nearest(self, slots: list[Slot]) -> tuple[Slot, Found] | None:
        pairs = [
            (distance, place, slot, found)
            for place, slot in enumerate(slots)
            for found in self._candidates(slot)
            if (distance := self._distance(slot, found)) is not None
        ]
        return min(pairs, key=lambda pair: pair[:2])[2:] if pairs else None

    def _candidates(self, slot: Slot) -> Iterable[Found]:
        if slot.kind == "integer":
            return (Found(int(one.value), one.start, one.end) for one in readers.numbers(self._rest) if _is_whole(one))
        return readers.numbers(self._rest) if slot.kind == "number" else readers.ids(self._rest)

    def _distance(self, slot: Slot, found: Found) -> int | None:
        """Letters between the value and the closest word of the slot; None if none is near."""
        wanted = Vocabulary(word for word in stems(slot.words, self._known) if word not in _ID_WORDS)
        return min(
            (
                max(found.start - one.end(), one.start() - found.end)
                for one in re.finditer(r"[^\W\d_]+", self._rest)
                if max(found.start - one.end(), one.start() - found.end) <= _NEAR
                and any(word in wanted for word in stems(one.group(), self._known))
            ),
            default=None,
        )

    def _free(self, slot: Slot) -> Found | None:
        if found := _announced(self._rest, slot, self._known):
            return found
        if slot.name == self._asked and not self._values:
            return _whole(self._rest, self._known)
        return None


def _reader(slot: Slot, asked: bool) -> Reader | None:
    form = slot.schema.get("format")
    by_form: dict[Any, Reader] = {"email": readers.address, "date": readers.day, "time": readers.clock}
    if slot.schema.get("enum"):
        return readers.choice
    if slot.kind == "boolean":
        return readers.agreement if asked else None
    if slot.kind != "string":
        return None
    return by_form.get(form) or (readers.pattern if slot.schema.get("pattern") else None)


def _is_counted(slot: Slot) -> bool:
    return _reader(slot, True) is None and (
        slot.kind in ("integer", "number") or (slot.kind == "string" and slot.is_id)
    )


def _is_free(slot: Slot) -> bool:
    return slot.kind == "string" and _reader(slot, True) is None and not slot.is_id


def _is_whole(found: Found) -> bool:
    return bool(found.value == int(found.value))


def _announced(text: str, slot: Slot, known: Phrases) -> Found | None:
    """A word and the capitalised ones behind it, after "my name is", or after the slot's own name and "is"."""
    cues = [f"{name} {cue}" for name in {spread(slot.name), slot.called.lower()} for cue in known.words("value_cues")]
    if set(tokens(slot.words)) & _NAME_WORDS:
        cues += known.words("name_cues")
    for cue in sorted(cues, key=len, reverse=True):
        if found := re.search(rf"(?<!\w)(?i:{re.escape(cue)})\s+({_ONE}(?:\s+{_CAPITAL})*)", text):
            return Found(found[1].strip(), found.start(1), found.end(1))
    return None


def _whole(text: str, known: Phrases) -> Found | None:
    """The answer without "it is" and the like; a question is none, nor is a long story."""
    said = text.strip(" .!,")
    if said.endswith("?") or len(tokens(said)) > _LONGEST_ANSWER:
        return None
    for lead in sorted(known.words("lead_ins"), key=len, reverse=True):
        if said.lower().startswith(f"{lead} "):
            said = said[len(lead) :].strip(" ,")
    return Found(said, 0, len(text)) if said else None
