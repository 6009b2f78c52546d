"""Webhook endpoints: `core.domain.webhook_views`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.domain.webhooks import DisabledReason
from reference.objects.base import Shown, Timestamp

EndpointId = Annotated[str, Field(pattern="^wh_", examples=["wh_01KMN0XK80ABCDEFGHJKMNPQRS"])]


class WebhookEndpoint(Shown):
    """Where events go. Its secret is shown when it is created and when it is rotated, and never again."""

    id: EndpointId
    object: Literal["webhook_endpoint"]
    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    events: Annotated[list[str], Field(description="Types of events, `noun.*`, or `*` for all.")]
    description: str | None
    enabled: bool
    disabled_reason: Annotated[
        DisabledReason | None, Field(description="Why we disabled it; null if you did, or nobody.")
    ]
    disabled_at: Timestamp | None
    secret_generation: Annotated[int, Field(ge=1, description="Grows when the secret is rotated.")]
    previous_secret_until: Annotated[Timestamp | None, Field(description="Until then the secret before it signs too.")]
    created_at: Timestamp
