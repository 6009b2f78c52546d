"""Structured logs and metrics, made on first use. Identifiers go in; bodies, keys, transcripts and numbers never do."""

from __future__ import annotations

import traceback
from functools import cache

from aws_lambda_powertools import Logger, Metrics


@cache
def logger() -> Logger:
    return Logger()


@cache
def metrics() -> Metrics:
    """In the namespace of this deployment, which Powertools reads from the environment."""
    return Metrics()


def describe(error: BaseException) -> dict[str, object]:
    """An unexpected error for the log: its class and where it rose. Not its text, which may quote a request."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "cause": type(error.__cause__).__name__ if error.__cause__ else None,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]],
    }
