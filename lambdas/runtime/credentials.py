"""Where a caller's key or token may travel: `Authorization: Bearer`, `X-API-Key`, for sockets also `?token=`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class AmbiguousCredentials(Exception):
    """Two different credentials in one request: which one is meant is not ours to guess."""


def credential(event: Mapping[str, Any], *, query: bool = False) -> str | None:
    """The one credential of a request. Raises AmbiguousCredentials."""
    found = {text for text in _candidates(event, query) if text}
    if len(found) > 1:
        raise AmbiguousCredentials
    return found.pop() if found else None


def _candidates(event: Mapping[str, Any], query: bool) -> Iterator[str]:
    for value in header_values(event, "authorization"):
        scheme, _, text = value.strip().partition(" ")
        if scheme.lower() == "bearer":
            yield text.strip()
    for value in header_values(event, "x-api-key"):
        yield value.strip()
    if query:
        yield str((event.get("queryStringParameters") or {}).get("token") or "")


def header_values(event: Mapping[str, Any], name: str) -> list[str]:
    """All values of a header, whatever its case; API Gateway's single-value map keeps only the last of several."""
    several = event.get("multiValueHeaders") or {key: [value] for key, value in (event.get("headers") or {}).items()}
    return [value for key, values in several.items() if key.lower() == name for value in values or []]
