"""Usage: `core.domain.usage`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reference.objects.base import Shown
from reference.objects.sessions import Meters

Date = Annotated[str, Field(json_schema_extra={"format": "date"})]


class Day(Meters):
    date: Date


class Usage(Shown):
    object: Literal["usage"]
    first: Annotated[Date, Field(alias="from")]
    to: Date
    data: Annotated[list[Day], Field(description="Every day of the range.")]
    total: Meters
