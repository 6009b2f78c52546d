"""A message of a socket against what the document of the streams says of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from reference import asyncapi
from reference.streams.channels import CHANNELS

_WORDS = ("type", "event", "action")


def check_told(channel: str, message: Mapping[str, Any]) -> None:
    """AssertionError unless the socket may be told so."""
    _check(_told(channel), message)


def check_heard(channel: str, message: Mapping[str, Any]) -> None:
    """AssertionError unless a client may say so."""
    _check(_heard(channel), message)


def _check(known: Mapping[str, Draft202012Validator], message: Mapping[str, Any]) -> None:
    word = next((str(message[name]) for name in _WORDS if name in message), "nothing")
    assert word in known, f"{word} is not documented"
    errors = [f"{error.instance_path}: {error.message[:300]}" for error in known[word].iter_errors(message)]
    assert not errors, f"{word} does not fit its schema: {errors}"


@cache
def _told(channel: str) -> Mapping[str, Draft202012Validator]:
    return _validators(channel, CHANNELS[channel].told)


@cache
def _heard(channel: str) -> Mapping[str, Draft202012Validator]:
    return _validators(channel, CHANNELS[channel].heard)


def _validators(channel: str, kinds: Iterable[type]) -> Mapping[str, Draft202012Validator]:
    components = asyncapi.document(closed=True)["components"]
    found = {}
    for kind in kinds:
        schema = {"$ref": f"#/components/schemas/{asyncapi.schema_name(CHANNELS[channel], kind)}"}
        for word in asyncapi.word_of(kind).split(", "):
            found[word] = Draft202012Validator(schema | {"components": components}, validate_formats=True)
    return found
