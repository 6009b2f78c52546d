"""Sentences from templates: how the language models' text is written by people and multiplied by a machine.

A template is a line of words with three marks: `{slot}` is replaced by one alternative of that slot, `(a|b)` by one
of its branches, `[a|b]` by one of its branches or nothing. Slots and branches may hold further marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_INNERMOST = re.compile(r"\{(\w+)\}|\(([^(){}\[\]]*)\)|\[([^(){}\[\]]*)\]")
_SLOT_LINE = re.compile(r"(\w+) = (.+)")
_DEEPEST_NESTING = 20
_CORPUS = Path(__file__).with_name("corpus")


@dataclass(frozen=True)
class Domain:
    """What people say in one language of the product's narrow domain: alternatives by slot, and templates."""

    slots: Mapping[str, Sequence[str]]
    templates: Sequence[str]


def corpus_file(language: str) -> Path:
    return _CORPUS / f"{language}.txt"


def held_out_file(language: str) -> Path:
    """Sentences that score the recogniser, one a line; they are kept out of its text."""
    return _CORPUS / "held_out" / f"{language}.txt"


def parse(text: str) -> Domain:
    """`name = a|b` is a slot, a line that starts with `#` a heading, every other line a template."""
    slots: dict[str, Sequence[str]] = {}
    templates: list[str] = []
    for line in text.splitlines():
        if match := _SLOT_LINE.fullmatch(line):
            slots[match[1]] = _alternatives(match[2])
        elif line.strip() and not line.startswith("#"):
            templates.append(line)
    return Domain(slots, templates)


def sentences(domain: Domain, draws: int, seed: int) -> Iterator[str]:
    """`draws` sentences from every template, the same ones for the same seed."""
    rng = np.random.default_rng(seed)
    for template in domain.templates:
        for _ in range(draws):
            yield " ".join(_expand(template, domain.slots, rng).split())


def _expand(template: str, slots: Mapping[str, Sequence[str]], rng: np.random.Generator) -> str:
    def choose(match: re.Match[str]) -> str:
        slot, branches, optional = match.groups()
        if slot is not None:
            return _pick(rng, slots[slot])
        if branches is not None:
            return _pick(rng, branches.split("|"))
        return _pick(rng, (_pick(rng, optional.split("|")), ""))

    for _ in range(_DEEPEST_NESTING):
        template, changed = _INNERMOST.subn(choose, template)
        if not changed:
            return template
    raise ValueError(f"template nests deeper than {_DEEPEST_NESTING}: {template}")


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _alternatives(text: str) -> list[str]:
    """Split at the `|` that stand outside brackets."""
    found, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "|" and depth == 0:
            found.append(text[start:position])
            start = position + 1
    return [*found, text[start:]]
