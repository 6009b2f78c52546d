"""/v1/openapi.json: the API described by itself. Written when the code changes (`make reference`), served as it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler import Response

from lambdas.rest.call import Call
from lambdas.rest.route import Route

# Beside the code in the repository as well as in the archive that a function runs from.
FOLDER = Path(__file__).parents[2] / "docs" / "api"
_CACHING = "public, max-age=300"


def openapi(_call: Call) -> Response[str]:
    """This document."""
    return Response(200, "application/json", _read("openapi.json"), {"Cache-Control": _CACHING})


@cache
def _read(name: str) -> str:
    return (FOLDER / name).read_text()


ROUTES = (
    Route(
        *("GET", "/v1/openapi.json", None, openapi),
        tag="Documents",
        summary="Retrieve this document",
        answer="OpenApiDocument",
    ),
)
