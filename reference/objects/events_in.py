"""The one word to the events socket that no model of the code describes, because it has no fields."""

from __future__ import annotations

from typing import Literal

from reference.objects.base import Shown


class WatcherPing(Shown):
    action: Literal["ping"]
