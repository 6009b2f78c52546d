"""Reading a body: what is not one strict JSON object is said so, and quoted nowhere."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from core.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from lambdas.rest.body import MAX_BYTES, MAX_DEPTH, read_body


def event(body: str | None, content_type: str | None = "application/json", **more: Any) -> dict[str, Any]:
    headers = {} if content_type is None else {"content-type": content_type}
    return {"body": body, "headers": headers, "multiValueHeaders": None, **more}


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "{",
        "nonsense",
        "[]",
        "[{}]",
        '"text"',
        "1",
        "null",
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":1}}',
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":-Infinity}',
        '{"a":1e999}',
        '{"a":"\\ud800"}',
        '{"\\udfff":1}',
        "{'a':1}",
        '{"a":1,}',
        '{"a":01}',
        "\ufeff{}",
        '{"a":"\x01"}',
        '{"a":' + "9" * 5000 + "}",
        nested(MAX_DEPTH + 1),
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"a":"\ud800"}',
    ],
)
def test_what_is_not_a_strict_json_object_is_invalid_json(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_body(event(text))

    assert refused.value.code == "invalid_json"


def test_a_deep_but_reasonable_body_is_read() -> None:
    assert json.loads(read_body(event(nested(MAX_DEPTH))).raw)


def test_the_canonical_form_is_the_same_for_what_means_the_same() -> None:
    first = read_body(event('{"a": 1, "b": {"c": "\\u00fc", "d": [1, 2]}}'))
    second = read_body(event('{"b":{"d":[1,2],"c":"ü"},"a":1}'))
    other = read_body(event('{"b":{"d":[2,1],"c":"ü"},"a":1}'))

    assert first.canonical == second.canonical != other.canonical


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
def test_json_by_any_spelling_is_taken(content_type: str) -> None:
    assert read_body(event("{}", content_type)).raw == b"{}"


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "text/json", "application/x-www-form-urlencoded", "application/json; charset=latin-1"],
)
def test_any_other_type_is_415(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaType):
        read_body(event("{}", content_type))


def test_a_body_may_be_as_large_as_the_limit_in_bytes_and_no_larger() -> None:
    fits = '{"a":"' + "ü" * ((MAX_BYTES - 8) // 2) + '"}'
    assert len(fits.encode()) == MAX_BYTES
    assert read_body(event(fits)).raw == fits.encode()

    with pytest.raises(PayloadTooLarge):
        read_body(event(fits + " "))


def test_base64_is_undone_when_the_gateway_says_so() -> None:
    body = base64.b64encode('{"a":"ü"}'.encode()).decode()

    assert read_body(event(body, isBase64Encoded=True)).raw == '{"a":"ü"}'.encode()


@pytest.mark.parametrize("body", ["{}", "####", base64.b64encode(b"\xff\xfe").decode(), "ü"])
def test_a_wrong_base64_flag_is_invalid_json(body: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_body(event(body, isBase64Encoded=True))

    assert refused.value.code == "invalid_json"


def test_a_missing_body_is_empty_where_it_is_optional_and_needs_no_type() -> None:
    assert read_body(event(None, None), optional=True).raw == b"{}"

    with pytest.raises(UnsupportedMediaType):
        read_body(event("{}", None), optional=True)
