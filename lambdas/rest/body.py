"""A request's body: bytes → one strict JSON object. What cannot be read is `invalid_json`, without quoting it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from core.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from lambdas.runtime.credentials import header_values

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Body:
    """`canonical` is the same for bodies that mean the same: sorted, without spaces, UTF-8."""

    raw: bytes
    canonical: bytes


def read_body(event: Mapping[str, Any], *, optional: bool = False) -> Body:
    """Raises UnsupportedMediaType, PayloadTooLarge or InvalidRequest. An optional body that is missing reads `{}`."""
    raw = _bytes(event)
    if not raw and optional:
        return Body(b"{}", b"{}")
    if len(raw) > MAX_BYTES:
        raise PayloadTooLarge("payload_too_large", f"the body is larger than {MAX_BYTES} bytes")
    _check_content_type(event)
    return Body(raw, _canonical(_parse(raw)))


def _bytes(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(text).encode(errors="surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("the body is not what its encoding says") from None


def _check_content_type(event: Mapping[str, Any]) -> None:
    for value in header_values(event, "content-type"):
        kind, *parameters = (part.strip().lower() for part in value.split(";"))
        if kind == "application/json" and all(_is_utf8(parameter) for parameter in parameters):
            return
    raise UnsupportedMediaType("unsupported_media_type", "send the body as Content-Type: application/json in UTF-8")


def _is_utf8(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() != "charset" or value.strip().strip('"') in ("utf-8", "utf8")


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise _invalid("the body is not valid JSON") from None
    if not isinstance(value, dict):
        raise _invalid("the body must be a JSON object")
    if _depth(value) > MAX_DEPTH:
        raise _invalid(f"the body is nested deeper than {MAX_DEPTH} levels")
    return value


def _canonical(value: dict[str, Any]) -> bytes:
    """Numbers too large for JSON's readers (1e999) and half characters are found here."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()
    except ValueError:
        raise _invalid("the body is not valid JSON") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name given twice has no meaning that all readers share."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("duplicate name")
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _depth(value: object) -> int:
    """Of objects and arrays; a plain value has none."""
    deepest, level = 0, _containers([value])
    while level:
        deepest += 1
        level = _containers(inner for outer in level for inner in _children(outer))
    return deepest


def _containers(values: Iterable[object]) -> list[dict[str, Any] | list[Any]]:
    return [value for value in values if isinstance(value, dict | list)]


def _children(value: dict[str, Any] | list[Any]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value


def _invalid(message: str) -> InvalidRequest:
    return InvalidRequest("invalid_json", message)
