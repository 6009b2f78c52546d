"""An event as it comes out of the outbox's stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from core.adapters.dynamodb import items
from core.domain.events import Event
from core.ports import Kept


def kept_of(image: Mapping[str, Any]) -> Kept:
    """An item of the outbox. Without an event when no commit wrote it; then nothing will ever make one of it."""
    try:
        event = items.read(Event, image)
    except (KeyError, ValidationError):
        event = None
    return Kept(image["pk"]["S"], event)
