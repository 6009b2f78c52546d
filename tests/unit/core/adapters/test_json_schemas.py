"""JSON Schema as we run it for customers: nothing fetched, nothing quoted, no pattern that takes its time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from core.adapters.json_schemas import JsonSchemas
from core.agent_ports import SchemaFault

SCHEMAS = JsonSchemas()
ORDER = {
    "type": "object",
    "properties": {"lines": {"type": "array", "items": {"$ref": "#/$defs/line"}}},
    "required": ["lines"],
    "$defs": {"line": {"type": "object", "properties": {"sku": {"type": "string", "pattern": "^[A-Z]+$"}}}},
}


def test_a_value_that_fits_has_no_fault() -> None:
    assert SCHEMAS.fault_in(ORDER) is None
    assert SCHEMAS.fault_of({"lines": [{"sku": "SHOE"}]}, ORDER) is None


def test_a_fault_says_where_and_does_not_quote() -> None:
    fault = SCHEMAS.fault_of({"lines": [{"sku": "SHOE"}, {"sku": "4111-1111"}]}, ORDER)

    assert fault is not None
    assert fault.path == ("lines", 1, "sku")
    assert "4111" not in fault.message


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "objekt"}, ("type",)),
        ({"properties": {"a": {"minimum": "x"}}}, ("properties", "a", "minimum")),
        ({"pattern": "("}, ("pattern",)),
        ({"pattern": "(?=look)ahead"}, ("pattern",)),
        ({"pattern": r"(a)\1"}, ("pattern",)),
        ({"$ref": "http://127.0.0.1:9/schema"}, ()),
    ],
)
def test_what_is_no_schema_of_ours_says_where(schema: dict[str, Any], path: tuple[str, ...]) -> None:
    fault = SCHEMAS.fault_in(schema)

    assert isinstance(fault, SchemaFault)
    assert fault.path == path


def test_a_pattern_that_backtracks_elsewhere_takes_no_time() -> None:
    started = time.process_time()
    fault = SCHEMAS.fault_of("a" * 30_000 + "b", {"pattern": "^(a+)+$"})

    assert fault is not None
    assert time.process_time() - started < 1


def test_one_and_true_are_two_things() -> None:
    assert SCHEMAS.fault_of(True, {"const": 1}) is not None
    assert SCHEMAS.fault_of(1.0, {"const": 1}) is None
