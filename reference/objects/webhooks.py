"""Webhook endpoints: `core.domain.webhook_views`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.domain.attempts import Outcome
from core.domain.deliveries import DeliveryStatus
from core.domain.webhooks import DisabledReason
from reference.objects.base import ListOf, Shown, Timestamp
from reference.objects.events import Event

EndpointId = Annotated[str, Field(pattern="^wh_", examples=["wh_01KMN0XK80ABCDEFGHJKMNPQRS"])]


SecretText = Annotated[str, Field(pattern="^whsec_", description="Signs what is sent. In this answer only.")]
Generation = Annotated[int, Field(ge=1, description="Grows when the secret is rotated.")]
PreviousUntil = Annotated[Timestamp | None, Field(description="Until then the secret before it signs too.")]


class WebhookEndpoint(Shown):
    """Where events go."""

    id: EndpointId
    object: Literal["webhook_endpoint"]
    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    events: Annotated[list[str], Field(description="Types of events, `noun.*`, or `*` for all.")]
    description: str | None
    status: Literal["enabled", "disabled"]
    disabled_reason: Annotated[
        DisabledReason | None, Field(description="Why we disabled it; null if you did, or nobody.")
    ]
    disabled_at: Timestamp | None
    livemode: bool
    secret_generation: Generation
    previous_secret_until: PreviousUntil
    created_at: Timestamp


class NewWebhookEndpoint(WebhookEndpoint):
    """A webhook endpoint with the secret that its events are signed with."""

    secret: SecretText


class WebhookEndpointList(ListOf):
    data: list[WebhookEndpoint]


class DeletedWebhookEndpoint(Shown):
    id: EndpointId
    object: Literal["webhook_endpoint"]
    deleted: Literal[True]


class WebhookSecret(Shown):
    """What signs the events that go to the `webhook_url` of a session."""

    object: Literal["webhook_secret"]
    secret_generation: Generation
    previous_secret_until: PreviousUntil
    rotated_at: Timestamp | None


class NewWebhookSecret(WebhookSecret):
    secret: SecretText


class WebhookAttempt(Shown):
    number: Annotated[int, Field(ge=1)]
    at: Annotated[Timestamp, Field(description="When it ended.")]
    outcome: Annotated[Outcome, Field(description="What came of it.")]
    response_status: int | None
    duration_ms: Annotated[int, Field(ge=0)]


class WebhookResponse(Shown):
    status: int
    excerpt: Annotated[str, Field(description="How it begins, at most a kilobyte.")]


class WebhookDelivery(Shown):
    """One event on its way to one endpoint."""

    id: Annotated[str, Field(pattern="^wh_del_")]
    object: Literal["webhook_delivery"]
    endpoint_id: Annotated[EndpointId | None, Field(description="Null for a session's own URL.")]
    url: Annotated[str | None, Field(description="The session's own; null for an endpoint.")]
    event_id: Annotated[str, Field(pattern="^evt_")]
    event_type: str
    status: DeliveryStatus
    attempt_count: Annotated[int, Field(ge=0)]
    attempts: Annotated[list[WebhookAttempt], Field(max_length=16, description="The last sixteen, oldest first.")]
    response: Annotated[WebhookResponse | None, Field(description="The last one that came.")]
    next_attempt_at: Annotated[Timestamp | None, Field(description="Null when there will be none.")]
    created_at: Timestamp
    finished_at: Timestamp | None


class WebhookDeliveryList(ListOf):
    data: list[WebhookDelivery]


class WebhookReplay(Shown):
    """What is being sent again."""

    id: Annotated[str, Field(pattern="^rpl_")]
    object: Literal["webhook_replay"]
    endpoint_id: EndpointId
    since: Annotated[Timestamp, Field(alias="from")]
    until: Annotated[Timestamp, Field(alias="to")]
    types: list[str]
    only_failed: bool
    event_count: Annotated[int, Field(ge=0, description="Of all that happened in that time, wanted or not.")]


class EventObject(Event):
    """An event as it was sent, with its kind."""

    object: Literal["event"]
