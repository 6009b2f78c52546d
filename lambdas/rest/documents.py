"""The API described by itself: documents written when the code changes (`make reference`), served as they are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from aws_lambda_powertools.event_handler import Response

from core.errors import NotFound
from lambdas.rest.call import Call
from lambdas.rest.route import Route

# Beside the code in the repository as well as in the archive that a function runs from.
FOLDER = Path(__file__).parents[2] / "docs" / "api"
_PAGES = "page"
_HTML, _SCRIPT, _STYLE = "text/html; charset=utf-8", "text/javascript; charset=utf-8", "text/css; charset=utf-8"
PAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "streams": ("streams.html", _HTML),
        "errors": ("errors.html", _HTML),
        "page.js": ("page.js", _SCRIPT),
        "page.css": ("page.css", _STYLE),
        "redoc.js": ("redoc.js", _SCRIPT),
    }
)
"""By the last part of their path: file and media type. `redoc.js` is put in when the archive is made."""

# Nothing from elsewhere, no script but our files; Redoc writes its styles into the page, and searches in a worker.
_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src blob:; style-src 'self' 'unsafe-inline'; "
    "img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}


def openapi(_call: Call) -> Response[str]:
    """This document."""
    return Response(200, "application/json", _read("openapi.json"), _HEADERS)


def asyncapi(_call: Call) -> Response[str]:
    """The sockets, as AsyncAPI 3."""
    return Response(200, "application/json", _read("asyncapi.json"), _HEADERS)


def docs(_call: Call) -> Response[str]:
    """The page for people, made of this document."""
    return _page("index.html", _HTML)


def page(_call: Call, page: str) -> Response[str]:
    """What the page is made of, the page of the streams, and the page of the errors."""
    if page not in PAGES:
        raise NotFound("route_not_found", "there is no such page")
    return _page(*PAGES[page])


def _page(name: str, kind: str) -> Response[str]:
    return Response(200, kind, _read(f"{_PAGES}/{name}"), _HEADERS | {"Content-Security-Policy": _POLICY})


@cache
def _read(name: str) -> str:
    return (FOLDER / name).read_text()


_TAG = "Documents"
ROUTES = (
    Route(
        *("GET", "/v1/openapi.json", None, openapi),
        tag=_TAG,
        summary="Retrieve this document",
        answer="OpenApiDocument",
    ),
    Route(
        *("GET", "/v1/asyncapi.json", None, asyncapi),
        tag=_TAG,
        summary="Retrieve the document of the streams",
        answer="AsyncApiDocument",
    ),
    Route(
        *("GET", "/v1/docs", None, docs),
        tag=_TAG,
        summary="Read this document",
        texts=(_HTML,),
    ),
    Route(
        *("GET", "/v1/docs/<page>", None, page),
        tag=_TAG,
        summary="Read about streams and errors",
        texts=(_HTML, _SCRIPT, _STYLE),
        errors=("route_not_found",),
    ),
)
