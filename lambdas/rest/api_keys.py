"""/v1/api_keys: create, list, read, revoke."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.services.api_keys import NewKey
from lambdas.rest.call import Call, answer_response, json_response
from lambdas.rest.paging import page_of, paged_response
from lambdas.rest.queries import PageQuery
from lambdas.rest.route import Route
from lambdas.rest.schemas import CreateApiKey
from lambdas.rest.validation import validated_query

_PATH = "/v1/api_keys"


def create(call: Call) -> Response[str]:
    """A key of the environment of the one that asks, with no scope that it lacks. `key` is its text: keep it, no other
    answer shows it. A repeat with the same `Idempotency-Key`, by the same API key, does so within 24 hours."""
    asked, key = call.asked(CreateApiKey)
    scopes = frozenset(asked.scopes) if asked.scopes is not None else None
    new = NewKey(asked.name, scopes, asked.expires_at)
    return answer_response(call.services.api_keys.create(call.principal, new, key))


def list_all(call: Call) -> Response[str]:
    """The keys of this environment, the newest first, revoked and expired ones among them. When a key was last used
    is not recorded: that would be a write for every request."""
    page = page_of(validated_query(PageQuery, call.event))
    return paged_response(call.services.api_keys.page(call.tenant, page), _PATH)


def get(call: Call, key_id: str) -> Response[str]:
    """A key without its text, which nobody has but whoever created it."""
    return json_response(call.services.api_keys.get(call.tenant, key_id))


def revoke(call: Call, key_id: str) -> Response[str]:
    """From the next request on the key is refused with `revoked_api_key`; streams that are open stay open. It stays in
    the list. The last key of an environment that can manage keys cannot be revoked."""
    return json_response(call.services.api_keys.revoke(call.principal, key_id))


_TAG = "API keys"
ROUTES = (
    Route(
        *("POST", _PATH, Scope.KEYS_MANAGE, create),
        tag=_TAG,
        summary="Create an API key",
        body=CreateApiKey,
        status=201,
        answer="NewApiKey",
        idempotent=True,
    ),
    Route(
        *("GET", _PATH, Scope.KEYS_MANAGE, list_all),
        tag=_TAG,
        summary="List API keys",
        query=PageQuery,
        answer="ApiKeyList",
        errors=("api_key_not_found",),
    ),
    Route(
        *("GET", f"{_PATH}/<key_id>", Scope.KEYS_MANAGE, get),
        tag=_TAG,
        summary="Retrieve an API key",
        answer="ApiKey",
        errors=("api_key_not_found",),
    ),
    Route(
        *("DELETE", f"{_PATH}/<key_id>", Scope.KEYS_MANAGE, revoke),
        tag=_TAG,
        summary="Revoke an API key",
        answer="ApiKey",
        errors=("api_key_not_found", "last_managing_key", "keys_busy"),
    ),
)
