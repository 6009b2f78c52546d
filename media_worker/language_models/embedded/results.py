"""What a tool answered, in a plain sentence or a few. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.domain.agents import ToolDeclaration
from media_worker.language_models.embedded.phrases import Phrases
from media_worker.language_models.embedded.words import spread

_MOST_VALUES = 6
_MOST_ITEMS = 3


def say(text: str, tool: ToolDeclaration | None, known: Phrases) -> str:
    """`text` is the result as JSON; its values are told by their titles in the declared result, else by their names."""
    try:
        result = json.loads(text)
    except ValueError:
        result = text
    if isinstance(result, Mapping):
        told = list(_values(result, tool.result or {} if tool else {}, known))[:_MOST_VALUES]
        return " ".join(known.says("found", name=_capital(name), value=value) for name, value in told) or _done(known)
    said = _plain(result, known)
    return f"{said}." if said and said[-1] not in ".!?" else said or _done(known)


def _done(known: Phrases) -> str:
    return known.says("done")


def _values(result: Mapping[str, Any], schema: Mapping[str, Any], known: Phrases) -> Iterator[tuple[str, str]]:
    """Inner objects in their place; what is empty is not told."""
    declared = schema.get("properties") or {}
    for name, value in result.items():
        inner = declared.get(name) or {}
        if isinstance(value, Mapping):
            yield from _values(value, inner, known)
        elif said := _plain(value, known):
            yield str(inner.get("title") or spread(str(name))), said.rstrip(".")


def _plain(value: Any, known: Phrases) -> str:
    if isinstance(value, bool):
        return known.says("true" if value else "false")
    if isinstance(value, Mapping):
        return ", ".join(f"{spread(str(name))} {_plain(inner, known)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(filter(None, (_plain(one, known) for one in value[:_MOST_ITEMS])))
    return "" if value is None else str(value).strip()


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
