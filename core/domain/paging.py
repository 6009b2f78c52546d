"""A page of a list, newest first, found by a cursor: the id of a neighbour, never a count of what lies before it.

So whatever comes in while somebody turns the pages, no page shows anything twice or skips what was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked for: `limit` of what is older than one id, or of what is newer than one; never both."""

    limit: int = DEFAULT_LIMIT
    starting_after: str | None = None
    ending_before: str | None = None

    @property
    def cursor(self) -> str | None:
        return self.starting_after or self.ending_before

    @property
    def cursor_name(self) -> str:
        return "ending_before" if self.is_backwards else "starting_after"

    @property
    def is_backwards(self) -> bool:
        """Towards the newer ones; the page is what lies *next* to the cursor, still shown newest first."""
        return self.ending_before is not None


@dataclass(frozen=True, slots=True)
class Paged(Generic[T_co]):
    """`has_more`: in the direction in which the page was turned."""

    items: tuple[T_co, ...]
    has_more: bool


def cut(found: Sequence[T], page: Page) -> Paged[T]:
    """`found`: in the direction of the page, one more than its limit where there is one more."""
    items = tuple(found[: page.limit])
    return Paged(items[::-1] if page.is_backwards else items, len(found) > page.limit)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a list: by its time, and by its id among those of the same microsecond."""

    at: datetime
    id: str

    @classmethod
    def behind(cls, at: datetime) -> Place:
        """Right behind everything of that moment: ids are letters, digits and `_`, all of which sort before `~`."""
        return cls(at, "~")
