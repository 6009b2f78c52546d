"""Query parameters, as models: `validated_query` reads them, and the documents are made from them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from core.domain.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from core.domain.recordings import Format
from core.domain.sessions import Status
from core.domain.transcripts import TranscriptFormat

Cursor = Annotated[str, Field(min_length=1, max_length=64)]
Flag = Literal["true", "false"]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _digits(value: object) -> object:
    """Only what every reader takes for a number: no sign, no blank, no underscore."""
    return value if isinstance(value, str) and value.isascii() and value.isdigit() else "not a number"


def _day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return value
    raise PydanticCustomError("invalid_day", "must be a day, as in 2026-03-26")


def _time(value: object) -> object:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return value
    raise PydanticCustomError("invalid_time", "must be a time with its zone, as in 2026-03-26T11:00:00Z")


def _in_utc(at: datetime) -> datetime:
    """As everything is stored and shown, whichever zone it was said in."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("invalid_time", "is too far from any time that could be meant") from None


Day = Annotated[date, BeforeValidator(_day)]
# Not strict: what the check lets through is text, of which a strict model would make no time.
Time = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_time), AfterValidator(_in_utc)]


class Query(BaseModel):
    """A parameter that nobody knows is ignored; one that is given twice counts as its last."""

    # Built at its first use: a cold start pays for the models of its own request, not for all of them.
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, defer_build=True)


class PageQuery(Query):
    """One page of a list, newest first."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_LIMIT, description="How many at most."), BeforeValidator(_digits)] = (
        DEFAULT_LIMIT
    )
    starting_after: Annotated[Cursor | None, Field(description="The id after which the page starts.")] = None
    ending_before: Annotated[Cursor | None, Field(description="The id before which the page ends.")] = None


class SessionsQuery(PageQuery):
    status: Annotated[Status | None, Field(description="Only sessions of this status.")] = None
    created_after: Annotated[Time | None, Field(description="Only sessions created after this moment.")] = None


class TranscriptQuery(Query):
    format: Annotated[TranscriptFormat, Field(description="JSON, plain text, or subtitles.")] = TranscriptFormat.JSON
    include_translations: Annotated[Flag, Field(description="Whether each turn comes with its translation.")] = "true"


class AudioQuery(Query):
    format: Annotated[Format, Field(description="The file's format.")] = Format.WAV


class UsageQuery(Query):
    first: Annotated[Day | None, Field(alias="from", description="The first day, as in 2026-03-01.")] = None
    last: Annotated[Day | None, Field(alias="to", description="The last day, as in 2026-03-26.")] = None
