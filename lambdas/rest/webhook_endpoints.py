"""/v1/webhook_endpoints: create, list, read, change, delete, test, rotate; and the secret of sessions' own URLs."""

from __future__ import annotations

from datetime import timedelta

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.services.webhook_endpoints import Change, NewEndpoint
from lambdas.rest.body import read_body
from lambdas.rest.call import Call, answer_response, json_response
from lambdas.rest.paging import page_of, paged_response
from lambdas.rest.queries import PageQuery
from lambdas.rest.route import Route
from lambdas.rest.schemas import CreateWebhookEndpoint, Nothing, RotateSecret, UpdateWebhookEndpoint
from lambdas.rest.validation import validated, validated_query

_PATH = "/v1/webhook_endpoints"
_SECRET_PATH = "/v1/webhook_secret"  # noqa: S105 - a path


def create(call: Call) -> Response[str]:
    """Events of this environment go there from now on. The URL must be https and lead to public addresses, today and
    with every attempt. `secret` signs them: keep it, no other answer shows it but those of a rotation. A repeat with
    the same `Idempotency-Key` does so within 24 hours. There may be 16 endpoints."""
    asked, key = call.asked(CreateWebhookEndpoint)
    new = NewEndpoint(asked.url, tuple(asked.events), asked.description)
    return answer_response(call.services.webhooks.endpoints.create(call.tenant, new, key))


def list_all(call: Call) -> Response[str]:
    """The endpoints of this environment, the newest first."""
    page = page_of(validated_query(PageQuery, call.event))
    return paged_response(call.services.webhooks.endpoints.page(call.tenant, page), _PATH)


def get(call: Call, endpoint_id: str) -> Response[str]:
    """An endpoint without its secret."""
    return json_response(call.services.webhooks.endpoints.get(call.tenant, endpoint_id))


def update(call: Call, endpoint_id: str) -> Response[str]:
    """What is on its way goes to the new URL from its next attempt on. An endpoint that we disabled, because it
    answered 410 or failed for five days, is enabled again with `status`."""
    asked = validated(UpdateWebhookEndpoint, read_body(call.event).raw)
    change = Change(
        asked.url,
        tuple(asked.events) if asked.events is not None else None,
        asked.description,
        asked.status == "enabled" if asked.status is not None else None,
    )
    return json_response(call.services.webhooks.endpoints.change(call.tenant, endpoint_id, change))


def delete(call: Call, endpoint_id: str) -> Response[str]:
    """Nothing more goes there; what is on its way ends as failed. Its deliveries can still be retrieved."""
    return json_response(call.services.webhooks.endpoints.remove(call.tenant, endpoint_id))


def test(call: Call, endpoint_id: str) -> Response[str]:
    """Sends a `webhook.test` to this endpoint alone, on the way that every event takes, also if it is disabled."""
    _, key = call.asked(Nothing, optional=True)
    return answer_response(call.services.webhooks.endpoints.test(call.tenant, endpoint_id, key))


def rotate_secret(call: Call, endpoint_id: str) -> Response[str]:
    """A new `secret`, shown in this answer only. Until `previous_secret_until` every request carries two signatures,
    one of each secret; rotating twice in that time ends the oldest at once."""
    asked, key = call.asked(RotateSecret, optional=True)
    overlap = timedelta(seconds=asked.overlap_seconds)
    return answer_response(call.services.webhooks.endpoints.rotate(call.tenant, endpoint_id, overlap, key))


def get_session_secret(call: Call) -> Response[str]:
    """What is known of the secret that signs the events that go to `webhook_url` of a session. All such URLs of an
    environment share it. Rotate it once to see it."""
    return json_response(call.services.webhooks.endpoints.session_secret(call.tenant))


def rotate_session_secret(call: Call) -> Response[str]:
    """A new `secret`, shown in this answer only; the one before it signs too until `previous_secret_until`."""
    asked, key = call.asked(RotateSecret, optional=True)
    overlap = timedelta(seconds=asked.overlap_seconds)
    return answer_response(call.services.webhooks.endpoints.rotate_session_secret(call.tenant, overlap, key))


_TAG = "Webhooks"
_MANAGE = Scope.WEBHOOKS_MANAGE
_NOT_FOUND = ("webhook_endpoint_not_found",)
ROUTES = (
    Route(
        *("POST", _PATH, _MANAGE, create),
        tag=_TAG,
        summary="Create a webhook endpoint",
        body=CreateWebhookEndpoint,
        status=201,
        answer="NewWebhookEndpoint",
        idempotent=True,
        errors=("endpoint_limit_reached", "webhook_endpoint_busy"),
    ),
    Route(
        *("GET", _PATH, _MANAGE, list_all),
        tag=_TAG,
        summary="List webhook endpoints",
        query=PageQuery,
        answer="WebhookEndpointList",
        errors=_NOT_FOUND,
    ),
    Route(
        *("GET", f"{_PATH}/<endpoint_id>", _MANAGE, get),
        tag=_TAG,
        summary="Retrieve a webhook endpoint",
        answer="WebhookEndpoint",
        errors=_NOT_FOUND,
    ),
    Route(
        *("PATCH", f"{_PATH}/<endpoint_id>", _MANAGE, update),
        tag=_TAG,
        summary="Change a webhook endpoint",
        body=UpdateWebhookEndpoint,
        answer="WebhookEndpoint",
        errors=(*_NOT_FOUND, "webhook_endpoint_busy"),
    ),
    Route(
        *("DELETE", f"{_PATH}/<endpoint_id>", _MANAGE, delete),
        tag=_TAG,
        summary="Delete a webhook endpoint",
        answer="DeletedWebhookEndpoint",
        errors=(*_NOT_FOUND, "webhook_endpoint_busy"),
    ),
    Route(
        *("POST", f"{_PATH}/<endpoint_id>/test", _MANAGE, test),
        tag=_TAG,
        summary="Send a test event",
        body=Nothing,
        body_optional=True,
        status=202,
        answer="EventObject",
        idempotent=True,
        errors=_NOT_FOUND,
    ),
    Route(
        *("POST", f"{_PATH}/<endpoint_id>/rotate_secret", _MANAGE, rotate_secret),
        tag=_TAG,
        summary="Rotate an endpoint's secret",
        body=RotateSecret,
        body_optional=True,
        answer="NewWebhookEndpoint",
        idempotent=True,
        errors=(*_NOT_FOUND, "webhook_endpoint_busy"),
    ),
    Route(
        *("GET", _SECRET_PATH, _MANAGE, get_session_secret),
        tag=_TAG,
        summary="Retrieve the secret of sessions' own URLs",
        answer="WebhookSecret",
    ),
    Route(
        *("POST", f"{_SECRET_PATH}/rotate", _MANAGE, rotate_session_secret),
        tag=_TAG,
        summary="Rotate the secret of sessions' own URLs",
        body=RotateSecret,
        body_optional=True,
        answer="NewWebhookSecret",
        idempotent=True,
        errors=("webhook_endpoint_busy",),
    ),
)
