"""Whether a worker's release is still the one in service, and who takes new sessions when it is not."""

from __future__ import annotations

from dataclasses import dataclass

from core.ports import Clock
from core.release_ports import Opening, Openings, Releases
from core.services.sessions import WORKER_DEAD_AFTER


@dataclass(slots=True)
class Succession:
    """What service is in is asked now and then (`look`), and who takes a session when there is one (`successor`).

    Whichever release is in service is the right one, an older one after a rollback too: releases have no order.
    """

    worker_id: str
    release: str
    releases: Releases
    openings: Openings
    clock: Clock
    is_relieved: bool = False
    """Another release is in service, and a worker of it lives and has room."""
    _in_service: str | None = None

    def look(self) -> None:
        """Raises Unavailable or DependencyRefused, and then all is as it was found before."""
        self._in_service = self.releases.in_service()
        self.is_relieved = self._living() is not None

    def announce(self) -> None:
        """This worker has room for another session."""
        self.openings.announce(self.release, Opening(self.worker_id, self.clock.now()))

    def successor(self) -> str | None:
        """Who takes a session that nobody holds, in place of this worker; None: it is this worker's own to take.

        A call is worth more than an early end: while no successor has room, it is taken here.
        """
        return self._living() if self.is_relieved else None

    def _living(self) -> str | None:
        if self._in_service in (None, self.release):
            return None
        found = self.openings.announced(self._in_service)
        if found is None or self.clock.now() - found.at >= WORKER_DEAD_AFTER:
            return None
        return found.worker_id


def nobody() -> str | None:
    """The successor of a worker that no deployment replaces."""
    return None
