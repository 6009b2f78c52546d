"""A page of a list, and the request for the one after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from kallglot.exchange.envelope import info
from kallglot.exchange.requests import Request
from kallglot.exchange.steps import Answer
from kallglot.objects.bodies import json_object
from kallglot.objects.reading import Object, Shape, shaped

_Item = TypeVar("_Item", bound=Shape)


@dataclass(frozen=True, kw_only=True)
class Page(Object, Generic[_Item]):
    """At most `limit` objects of a list, newest first; `has_more` says whether others follow."""

    data: tuple[_Item, ...] = ()
    has_more: bool = False
    url: str = ""


def page_of(kind: type[_Item]) -> Callable[[Answer], Page[_Item]]:
    def read(answer: Answer) -> Page[_Item]:
        raw = json_object(answer)
        data = tuple(shaped(kind, each) for each in raw["data"])
        more, url = bool(raw.get("has_more")), str(raw.get("url") or "")
        return Page(raw=raw, object="list", data=data, has_more=more, url=url, answer=info(answer))

    return read


def following(request: Request[Page[_Item]], page: Page[_Item]) -> Request[Page[_Item]] | None:
    """The request for what comes after this page, in the direction that was asked for; None after the last one.

    A page without anything to go on from ends the list, whatever it says, so that no list is read forever.
    """
    backwards = "ending_before" in request.query
    cursor = "ending_before" if backwards else "starting_after"
    last: Any = page.data[0 if backwards else -1].get("id") if page.data else None
    if not page.has_more or not last or request.query.get(cursor) == last:
        return None
    return replace(request, query={**request.query, cursor: str(last)})
