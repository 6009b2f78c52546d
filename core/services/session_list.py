"""The sessions of a tenant, page by page: one look into an index for the order, one batch of reads for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain import ids, views
from core.domain.access import Tenant
from core.domain.paging import Page, Paged, Place, cut
from core.domain.sessions import Session, Status
from core.errors import NotFound
from core.ports import Clock, SessionList, SessionRepository, Stretch


@dataclass(frozen=True, slots=True)
class Wanted:
    """`created_after`: strictly."""

    status: Status | None = None
    created_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionListService:
    sessions: SessionRepository
    index: SessionList
    clock: Clock

    def page(self, tenant: Tenant, wanted: Wanted, page: Page) -> Paged[dict[str, Any]]:
        """Each as a GET shows it, without `stream`: a list hands out no tokens.

        Raises NotFound when the cursor is no session of the tenant.
        """
        stretch = self._stretch(tenant, wanted, page)
        while True:
            places = self.index.places(tenant, wanted.status, stretch, page.limit + 1, oldest_first=page.is_backwards)
            found = self._still(wanted, self.index.read(tenant, [place.id for place in places[: page.limit]]))
            if found or len(places) <= page.limit:
                break
            # All that the index named have changed their status since; the next ones may not have.
            stretch = stretch.beyond(places[page.limit - 1], oldest_first=page.is_backwards)
        shown = [views.session_object(session, self.clock.now()) for session in found]
        return Paged(cut(shown, page).items, len(places) > page.limit)

    def _stretch(self, tenant: Tenant, wanted: Wanted, page: Page) -> Stretch:
        cursor = self._cursor(tenant, page)
        newer_than = [Place.behind(wanted.created_after)] if wanted.created_after else []
        if cursor and page.is_backwards:
            newer_than.append(cursor)
        return Stretch(max(newer_than, default=None), None if page.is_backwards else cursor)

    def _cursor(self, tenant: Tenant, page: Page) -> Place | None:
        if page.cursor is None:
            return None
        session = self.sessions.find(tenant, page.cursor) if ids.is_session_id(page.cursor) else None
        if session is None:
            raise NotFound("session_not_found", "no such session", param=page.cursor_name)
        return Place(session.created_at, session.id)

    def _still(self, wanted: Wanted, sessions: list[Session]) -> list[Session]:
        """An index is a moment behind; what is shown must be what was asked for."""
        return [session for session in sessions if wanted.status in (None, session.status)]
