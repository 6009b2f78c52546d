"""An event as it comes out of the outbox's stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.adapters.dynamodb import items
from core.domain.events import Event


def event_of(new_image: Mapping[str, Any]) -> Event:
    """Raises KeyError or pydantic's ValidationError for an image that no commit wrote."""
    return items.read(Event, new_image)
