"""An event as EventBridge delivers it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.domain.access import Tenant
from core.domain.events import Event, EventType


class _Detail(BaseModel):
    """The published envelope, and for consumers inside the product the tenant and the session's own URL."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    type: EventType
    tenant: str
    session_id: str | None
    sequence: int | None
    created_at: datetime
    data: dict[str, Any]
    webhook_url: str | None = None


def event_of(delivered: Mapping[str, Any]) -> Event:
    """Raises pydantic's ValidationError: what is on the bus under our name and has another shape is a bug."""
    detail = _Detail.model_validate(delivered["detail"])
    return Event(
        id=detail.id,
        type=detail.type,
        tenant=Tenant.parse(detail.tenant),
        session_id=detail.session_id or "",
        sequence=detail.sequence or 0,
        created_at=detail.created_at,
        data=detail.data,
        webhook_url=detail.webhook_url,
    )
