"""Whatever an engine raises, as an `EngineError` and as a message."""

from __future__ import annotations

import logging
import traceback

from media_worker.engines.base import EngineError, LanguageNotServed
from media_worker.engines.pool_messages import Failed

_log = logging.getLogger(__name__)


def translated(error: Exception) -> EngineError:
    """The error itself where it is ours; else `engine_failed`, with its type and place in the log.

    Its text stays out: a foreign message may quote what a caller said.
    """
    if isinstance(error, EngineError):
        return error
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f"{place[0].filename}:{place[0].lineno}" if place else "?"
    _log.error("engine failed: %s at %s", type(error).__name__, where)
    return EngineError("engine_failed")


def failed(request: int, error: EngineError) -> Failed:
    return Failed(request, error.code, error.retryable, isinstance(error, LanguageNotServed))


def raised(failure: Failed) -> EngineError:
    """The message as the error it came from."""
    kind = LanguageNotServed if failure.not_served else EngineError
    return kind(failure.code, retryable=failure.retryable)
