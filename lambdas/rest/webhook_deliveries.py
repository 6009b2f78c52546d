"""What became of events: deliveries of an endpoint, one delivery, one event, and all of them once more."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.services.webhook_deliveries import Stretch
from lambdas.rest.call import Call, answer_response, json_response
from lambdas.rest.paging import page_of, paged_response
from lambdas.rest.queries import PageQuery
from lambdas.rest.route import Route
from lambdas.rest.schemas import Nothing, ReplayWebhookEndpoint
from lambdas.rest.validation import validated_query


def of_endpoint(call: Call, endpoint_id: str) -> Response[str]:
    """What went to an endpoint in the last thirty days, the newest event first, with the attempts of each. One may take
    a moment to appear."""
    page = page_of(validated_query(PageQuery, call.event))
    found = call.services.webhooks.deliveries.page(call.tenant, endpoint_id, page)
    return paged_response(found, f"/v1/webhook_endpoints/{endpoint_id}/deliveries")


def get(call: Call, delivery_id: str) -> Response[str]:
    """One event on its way to one endpoint: `pending`, `succeeded`, or `failed` after eight attempts. An attempt whose
    outcome is `circuit_open` made no request, because the ones before it had failed in a row."""
    return json_response(call.services.webhooks.deliveries.get(call.tenant, delivery_id))


def retry(call: Call, delivery_id: str) -> Response[str]:
    """Sends it again at once, with the whole schedule behind it. One that is on its way stays as it is."""
    _, key = call.asked(Nothing, optional=True)
    return answer_response(call.services.webhooks.deliveries.retry(call.tenant, delivery_id, key))


def get_event(call: Call, event_id: str) -> Response[str]:
    """What happened, as it was sent. Events are kept for seven days."""
    return json_response(call.services.webhooks.deliveries.event(call.tenant, event_id))


def replay_event(call: Call, event_id: str) -> Response[str]:
    """Sends it again to every endpoint that asks for it now, or to the session's own URL, those who took it already
    among them: its `id` stays the same. Answers with the deliveries."""
    _, key = call.asked(Nothing, optional=True)
    return answer_response(call.services.webhooks.deliveries.replay(call.tenant, event_id, key))


def replay_endpoint(call: Call, endpoint_id: str) -> Response[str]:
    """Sends again to an endpoint what happened in a stretch of time of the last seven days and what it asks for, the
    oldest first, 10,000 events at most. The answer comes at once; the deliveries appear one after the other."""
    asked, key = call.asked(ReplayWebhookEndpoint)
    types = tuple(asked.types) if asked.types is not None else None
    stretch = Stretch(asked.since, asked.until, types, asked.only_failed)
    return answer_response(call.services.webhooks.deliveries.replay_stretch(call.tenant, endpoint_id, stretch, key))


_TAG = "Webhooks"
_MANAGE = Scope.WEBHOOKS_MANAGE
_ENDPOINT, _DELIVERY, _EVENT = (
    "/v1/webhook_endpoints/<endpoint_id>",
    "/v1/webhook_deliveries/<delivery_id>",
    "/v1/events/<event_id>",
)
ROUTES = (
    Route(
        *("GET", f"{_ENDPOINT}/deliveries", _MANAGE, of_endpoint),
        tag=_TAG,
        summary="List an endpoint's deliveries",
        query=PageQuery,
        answer="WebhookDeliveryList",
        errors=("webhook_endpoint_not_found", "webhook_delivery_not_found"),
    ),
    Route(
        *("POST", f"{_ENDPOINT}/replay", _MANAGE, replay_endpoint),
        tag=_TAG,
        summary="Replay a stretch of time",
        body=ReplayWebhookEndpoint,
        status=202,
        answer="WebhookReplay",
        idempotent=True,
        errors=("webhook_endpoint_not_found", "webhook_endpoint_disabled"),
    ),
    Route(
        *("GET", _DELIVERY, _MANAGE, get),
        tag=_TAG,
        summary="Retrieve a delivery",
        answer="WebhookDelivery",
        errors=("webhook_delivery_not_found",),
    ),
    Route(
        *("POST", f"{_DELIVERY}/retry", _MANAGE, retry),
        tag=_TAG,
        summary="Retry a delivery",
        body=Nothing,
        body_optional=True,
        status=202,
        answer="WebhookDelivery",
        idempotent=True,
        errors=(
            *("webhook_delivery_not_found", "webhook_endpoint_not_found"),
            *("webhook_endpoint_disabled", "event_expired"),
        ),
    ),
    Route(
        *("GET", _EVENT, _MANAGE, get_event),
        tag=_TAG,
        summary="Retrieve an event",
        answer="EventObject",
        errors=("event_not_found",),
    ),
    Route(
        *("POST", f"{_EVENT}/replay", _MANAGE, replay_event),
        tag=_TAG,
        summary="Replay an event",
        body=Nothing,
        body_optional=True,
        status=202,
        answer="WebhookDeliveryList",
        idempotent=True,
        errors=("event_not_found",),
    ),
)
