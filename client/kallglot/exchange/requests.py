"""A request as a route describes it: once, for both clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from kallglot.exchange.steps import Answer

T = TypeVar("T")


class Repeat(Enum):
    """When a request may be made a second time although nobody knows what became of the first."""

    FREELY = "reading, or an effect that is the same twice"
    BY_KEY = "under the same idempotency key"
    IF_UNHEARD = (
        "only when the server certainly did nothing: for a route with an effect and no key; the contract has none"
    )


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """`path` is below the API's base URL; `read` makes the result of a good answer."""

    method: str
    path: str
    read: Callable[[Answer], T]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    repeat: Repeat = Repeat.FREELY
    idempotency_key: str | None = None


def path(*parts: str) -> str:
    """`path("sessions", session_id)`: every part is one segment, whatever it holds.

    Raises ValueError for one that is none: `get("")` would quietly list everything.
    """
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"an id is missing in /{'/'.join(parts)}")
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def given(**fields: Any) -> dict[str, Any]:
    """What was given: None means left out. A trailing underscore keeps a name off Python's own words."""
    return {name.rstrip("_"): value for name, value in fields.items() if value is not None}


def query(**fields: Any) -> dict[str, str]:
    return {name: _written(value) for name, value in given(**fields).items()}


def moment(at: datetime | str | None) -> str | None:
    """As the API writes times. A time without a zone is the machine's own, as Python has it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(at, datetime) else at


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(moment(value))
    return value.isoformat() if isinstance(value, date) else str(value)
