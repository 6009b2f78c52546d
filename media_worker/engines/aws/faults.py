"""What AWS could not do, as an engine's error. Never its text, which may quote what was said."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import DependencyRefused, Unavailable
from media_worker.engines.base import EngineError

_log = logging.getLogger(__name__)


@contextmanager
def faults() -> Iterator[None]:
    """Throttled and failed calls may be tried again; refused ones (a grant, a quota of none, a language) may not."""
    try:
        yield
    except Unavailable as error:
        _log.warning("a service failed: %s", error.message)
        raise EngineError("service_unavailable", retryable=True) from None
    except DependencyRefused as error:
        _log.error("a service refused: %s", error)
        raise EngineError("service_refused") from None
