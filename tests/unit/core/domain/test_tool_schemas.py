"""What a customer's JSON Schema may look like before anybody runs it."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.tool_schemas import DIALECT, LARGEST_SCHEMA_BYTES, structure_fault


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"items": schema}
    return schema


def doubling(lines: int, times: int = 2) -> dict[str, Any]:
    """Each part names the next one so many times."""
    parts: dict[str, Any] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * times} for n in range(lines)}
    return {"$ref": "#/$defs/d0", "$defs": {**parts, f"d{lines}": {"type": "string"}}}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object", "properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}}},
        {"$schema": DIALECT, "$defs": {"a": {"type": "string"}}, "items": {"$ref": "#/$defs/a"}},
        {"$defs": {"a/b": {"~": {}}}, "items": {"$ref": "#/$defs/a~1b/~0"}},
        {"anyOf": [{"type": "string"}, {"$ref": "#/anyOf/0"}]},
        {"enum": [None, 1, "ü"], "description": "x" * (LARGEST_SCHEMA_BYTES - 60)},
        nested(30),
        doubling(4),
    ],
)
def test_what_refers_to_nothing_outside_and_stays_small_is_taken(schema: dict[str, Any]) -> None:
    assert structure_fault(schema) is None


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"description": "ü" * (LARGEST_SCHEMA_BYTES // 2)}, "larger"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "2020-12"),
        ({"$ref": "https://example.com/schema"}, "its own parts"),
        ({"properties": {"a": {"$ref": "other.json"}}}, "its own parts"),
        ({"properties": {"a": {"$ref": "#name"}}}, "its own parts"),
        ({"$dynamicRef": "https://example.com/schema"}, "its own parts"),
        ({"$ref": "#/$defs/none"}, "does not have"),
        ({"enum": ["a"], "items": {"$ref": "#/enum/7"}}, "does not have"),
        ({"$id": "https://example.com/mine"}, "$id"),
        ({"$defs": {"a": {"$anchor": "name"}}}, "$anchor"),
        ({"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"}, "itself"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, "itself"),
        (nested(33), "deeper"),
        (doubling(4, times=8), "places"),
        ({"$ref": "#/$defs/d0", "$defs": {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(400)}}, "deeper"),
        ({"enum": list(range(3000))}, "places"),
    ],
)
def test_anything_else_is_refused_with_a_reason(schema: dict[str, Any], why: str) -> None:
    assert why in (structure_fault(schema) or "")
