"""What the models of answers have in common."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue

T = TypeVar("T")


class Shown(BaseModel):
    """A field with a default may be missing; one of `X | None` may be null. Tests refuse any other field, clients
    should not: answers grow."""

    model_config = ConfigDict(extra="forbid")


class _NeverNull:
    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler(schema)
        kinds = [kind for kind in made.pop("anyOf") if kind != {"type": "null"}]
        return made | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds})


Maybe = Annotated[T | None, _NeverNull()]
"""`Maybe[X] = None`: missing where it does not apply, and never null."""

Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-03-26T11:00:00Z"])]
Seconds = Annotated[float, Field(ge=0)]


class ListOf(Shown):
    """One page. A subclass adds `data`."""

    object: Literal["list"]
    has_more: Annotated[bool, Field(description="Whether there is another page behind this one.")]
    url: Annotated[str, Field(description="The path of the list.")]
