"""What a deployment says of itself: languages, usage, its own description."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kallglot.exchange.requests import Request, query
from kallglot.objects.bodies import json_object, one
from kallglot.objects.lists import Page, page_of
from kallglot.objects.service import Language, Usage
from kallglot.routes.route import Client, Listing, Resource, Route


class Service(Resource[Client]):
    @Listing
    def languages(self) -> Request[Page[Language]]:
        """Every language a session may be created in, and what the running engines can do in it."""
        return Request("GET", "/languages", page_of(Language))

    @Route
    def usage(self, *, from_: dt.date | str | None = None, to: dt.date | str | None = None) -> Request[Usage]:
        """Seconds by UTC day, both days included; left out, the thirty days that end today."""
        return Request("GET", "/usage", one(Usage), query(from_=from_, to=to))

    @Route
    def openapi(self) -> Request[Mapping[str, Any]]:
        """The API's own description, OpenAPI 3.1."""
        return Request("GET", "/openapi.json", json_object)
