"""Each scope on each route: a route lets its own scope through, and no other."""

from __future__ import annotations

import json

import pytest

from core.domain.access import Scope
from lambdas.rest.app import ROUTES
from lambdas.rest.route import Route
from tests.fakes.rest import Answer, RestWorld
from tests.fakes.routes import WITH_A_KEY, body_of, path_of, scopes_of

OPEN = {"GET /v1/openapi.json", "GET /v1/asyncapi.json", "GET /v1/docs", "GET /v1/docs/<page>"}
NOBODYS = {
    "session_id": "sess_1",
    "recording_id": "rec_1",
    "key_id": "key_1",
    "credential_id": "sipc_1",
    "endpoint_id": "wh_1",
    "delivery_id": "wh_del_1",
    "base_id": "kb_1",
    "document_id": "doc_1",
    "event_id": "evt_1",
    "agent_id": "agt_1",
    "version": "1",
}


def ask(route: Route, scopes: str) -> Answer:
    world = RestWorld()
    body = body_of(route, world.clock.now())
    caller = {"org": "org_acme", "livemode": "true", "scopes": scopes, "key_id": "key_1"}
    text = json.dumps(body) if body is not None else None
    headers = {"Content-Type": "application/json"} if body is not None else {}
    return world.ask(route.method, path_of(route, NOBODYS), text, headers=headers, authorizer=caller)


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("route", WITH_A_KEY, ids=lambda route: route.name)
def test_a_scope_alone_opens_its_own_routes_and_no_others(route: Route, scope: Scope) -> None:
    answer = ask(route, scope)

    if scope is route.scope:
        assert answer.status not in (401, 403), answer.text
    else:
        assert (answer.status, answer.error["code"]) == (403, "insufficient_permissions")


@pytest.mark.parametrize("route", WITH_A_KEY, ids=lambda route: route.name)
def test_all_the_other_scopes_together_do_not_open_it(route: Route) -> None:
    answer = ask(route, scopes_of(*(scope for scope in Scope if scope is not route.scope)))

    assert (answer.status, answer.error["code"]) == (403, "insufficient_permissions")
    assert answer.error["type"] == "permission_error"


@pytest.mark.parametrize("route", WITH_A_KEY, ids=lambda route: route.name)
def test_without_any_scope_no_route_opens(route: Route) -> None:
    assert ask(route, "").status == 403


def test_what_is_open_to_everybody_is_the_documents_alone() -> None:
    assert {route.name for route in ROUTES if route.scope is None} == OPEN
