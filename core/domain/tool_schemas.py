"""What a JSON Schema of a customer's may look like before anything is compiled of it or checked by it. Pure.

A schema is a small program that a stranger gives us to run. These bounds make running it cheap whatever it says: it is
small, it refers to nothing outside itself, and it does not grow when its references are followed. Eighteen lines of
`allOf` that each name the next one twice would be a quarter of a million checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

LARGEST_SCHEMA_BYTES = 16 * 1024
DEEPEST_SCHEMA = 32
"""Levels, those behind references too."""
MOST_PLACES = 2_000
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REFERENCES = frozenset({"$ref", "$dynamicRef"})
_NAMES = frozenset({"$id", "$anchor", "$dynamicAnchor", "$recursiveRef"})


def structure_fault(schema: Mapping[str, Any]) -> str | None:
    """Why this may not be a tool's schema, as the rest of a sentence; None when nothing of its form is wrong."""
    if len(json.dumps(schema, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST_SCHEMA_BYTES:
        return f"is larger than {LARGEST_SCHEMA_BYTES} bytes"
    if "$schema" in schema and str(schema["$schema"]).rstrip("#") != DIALECT:
        return f"must be of draft 2020-12: leave $schema out, or give {DIALECT}"
    try:
        _Expansion(schema).places(schema, 0)
    except _Refused as refused:
        return str(refused)
    return None


class _Refused(Exception):
    pass


class _Expansion:
    """How many places there are once every reference has been followed; each target is counted once and remembered."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._counted: dict[str, int] = {}
        self._open: set[str] = set()

    def places(self, value: object, depth: int) -> int:
        if depth > DEEPEST_SCHEMA:
            raise _Refused(f"is nested deeper than {DEEPEST_SCHEMA} levels")
        found = 1 + sum(self.places(inner, depth + 1) for inner in _inner(value))
        if isinstance(value, Mapping):
            references = [str(value[name]) for name in _REFERENCES if isinstance(value.get(name), str)]
            found += sum(self._target(reference, depth + 1) for reference in references)
            if named := next((name for name in _NAMES if isinstance(value.get(name), str)), None):
                raise _Refused(f"may not use {named}; name parts by #/$defs/…")
        if found > MOST_PLACES:
            raise _Refused(f"has more than {MOST_PLACES} places once its references are followed")
        return found

    def _target(self, reference: str, depth: int) -> int:
        if not reference.startswith("#/"):
            raise _Refused("may refer to its own parts only, as in #/$defs/address")
        if reference in self._open:
            raise _Refused("may not refer to itself")
        if reference not in self._counted:
            self._open.add(reference)
            self._counted[reference] = self.places(_found(self._root, reference), depth)
            self._open.remove(reference)
        return self._counted[reference]


def _inner(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value


def _found(root: object, reference: str) -> object:
    """By JSON Pointer (RFC 6901)."""
    for step in reference.removeprefix("#/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(root, Mapping) and name in root:
            root = root[name]
        elif isinstance(root, list) and name.isascii() and name.isdigit() and int(name) < len(root):
            root = root[int(name)]
        else:
            raise _Refused("refers to a part that it does not have")
    return root
