"""What a line of the worker's log holds, and what it never holds."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from media_worker.observe import JsonFormatter

SAID = "my card number is four two"


def failing() -> None:
    try:
        raise ValueError(SAID)
    except ValueError as error:
        raise KeyError(SAID) from error


def line_of_a_failure() -> dict[str, Any]:
    try:
        failing()
    except KeyError:
        record = logging.LogRecord("media_worker", logging.ERROR, __file__, 1, "it failed", None, sys.exc_info())
    record.peer = "10.0.0.7"
    line: dict[str, Any] = json.loads(JsonFormatter().format(record))
    return line


def test_an_exception_is_told_by_class_and_place_with_its_cause() -> None:
    effect, cause = line_of_a_failure()["exception"]

    assert effect.startswith("KeyError at ") and cause.startswith("ValueError at ")
    assert effect.endswith(" failing") and "test_observe.py:" in effect


def test_the_text_of_an_exception_stays_out_because_it_may_quote_a_caller() -> None:
    assert SAID not in json.dumps(line_of_a_failure())


def test_whoever_was_refused_a_relay_is_named() -> None:
    assert line_of_a_failure()["peer"] == "10.0.0.7"
