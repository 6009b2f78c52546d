"""What workers need to know of each other when a deployment replaces them; the rules of `core.ports` hold here too.

A release is what one deployment has put into service, by a name that its workers have in common.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol


class Releases(Protocol):
    def in_service(self) -> str:
        """The release that is meant to run, whatever else still does."""
        ...


class Opening(NamedTuple):
    """A worker that had room for another session, and when it said so."""

    worker_id: str
    at: datetime


class Openings(Protocol):
    def announce(self, release: str, opening: Opening) -> None:
        """Of each release the last one is remembered, so that its workers take turns."""
        ...

    def announced(self, release: str) -> Opening | None: ...
