"""JSON Schema by `jsonschema-rs`: patterns run in linear time, nothing is fetched, no message quotes a value.

Schemas come from customers, and one process checks those of many: a pattern that backtracks would hold them all up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

from core.agent_ports import SchemaFault

_MASK = "the value"
_LONGEST_MESSAGE = 300


class JsonSchemas:
    def fault_in(self, schema: Mapping[str, Any]) -> SchemaFault | None:
        try:
            _validator(schema)
        except ValidationError as error:
            return _fault(error)
        except ValueError as error:
            return SchemaFault((), str(error)[:_LONGEST_MESSAGE])
        return None

    def fault_of(self, value: Any, schema: Mapping[str, Any]) -> SchemaFault | None:
        error = next(_validator(schema).iter_errors(value), None)
        return _fault(error) if error else None


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(
        dict(schema), validate_formats=False, pattern_options=RegexOptions(), mask=_MASK, offline=True
    )


def _fault(error: ValidationError) -> SchemaFault:
    return SchemaFault(tuple(error.instance_path), error.message[:_LONGEST_MESSAGE])
