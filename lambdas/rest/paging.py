"""A list as it is asked for and answered: one page of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from core.domain.paging import Page, Paged
from core.errors import invalid_field
from lambdas.rest.call import json_response
from lambdas.rest.queries import PageQuery


def page_of(asked: PageQuery) -> Page:
    """Raises ValidationFailed. That a cursor names nothing is found by who looks for it."""
    if asked.starting_after and asked.ending_before:
        raise invalid_field("ending_before", "cannot be given together with starting_after")
    return Page(asked.limit, asked.starting_after, asked.ending_before)


def paged_response(paged: Paged[Mapping[str, Any]], url: str) -> Response[str]:
    return json_response({"object": "list", "data": list(paged.items), "has_more": paged.has_more, "url": url})
