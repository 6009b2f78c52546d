"""pydantic's complaints → one `ValidationFailed` with the contract's code and the field's dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from core.errors import ValidationFailed, invalid_field
from lambdas.rest.queries import Query
from lambdas.rest.strict import Strict

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=Strict)
Asked = TypeVar("Asked", bound=Query)

_OWN_CODES = frozenset({"invalid_mode", "invalid_language_code", "invalid_provider"})
_LONGEST_PARAM = 200


def validated(model: type[Model], raw: bytes) -> Model:
    """Raises ValidationFailed for the first field that is wrong."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _failed(first) from None


def validated_query(model: type[Asked], event: Mapping[str, Any]) -> Asked:
    """Raises ValidationFailed for the first parameter that is wrong."""
    try:
        return model.model_validate(event.get("queryStringParameters") or {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _failed(first) from None


def missing(param: str) -> ValidationFailed:
    return ValidationFailed("missing_required_field", f"{param} is required", param=param)


def _failed(error: ErrorDetails) -> ValidationFailed:
    param = _path(error["loc"])
    if error["type"] == "missing":
        return missing(param)
    if error["type"] == "extra_forbidden":
        return invalid_field(param, "there is no such field")
    code = error["type"] if error["type"] in _OWN_CODES else "invalid_field_value"
    return ValidationFailed(code, f"{param}: {error['msg']}", param=param)


def _path(location: tuple[int | str, ...]) -> str:
    """`metadata.key`; pydantic marks the key of a mapping with a `[key]` of its own, which names no field."""
    return ".".join(str(part) for part in location if part != "[key]")[:_LONGEST_PARAM]
