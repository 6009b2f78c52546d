"""/v1/sessions: create, list, read, end."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.services.session_list import Wanted
from lambdas.rest.call import Call, answer_response, json_response
from lambdas.rest.paging import page_of, paged_response
from lambdas.rest.queries import SessionsQuery
from lambdas.rest.requests import new_session
from lambdas.rest.route import Route
from lambdas.rest.schemas import CreateSession, EndSession
from lambdas.rest.validation import validated_query
from lambdas.runtime.telemetry import logger


def create(call: Call) -> Response[str]:
    """Starts real-time voice processing. The answer names the WebSocket on which audio goes in, and transcripts and
    translated speech come back, and the token that opens it. An agent that is named by its id is taken as it is now:
    what happens to it later does not change the session."""
    asked, key = call.asked(CreateSession)
    organization = call.services.organizations.of(call.tenant)
    services = call.services
    new = new_session(
        asked, call.tenant, organization.defaults, services.engines, services.routing, services.webhooks.targets
    )
    answer = services.creation.create(call.tenant, organization, new, key)
    # Every other route has it in its path, from where the log takes it.
    logger().append_keys(session_id=answer.body["id"])
    return answer_response(answer)


def list_all(call: Call) -> Response[str]:
    """The newest come first, each as it is retrieved, without `stream`: a list hands out no tokens. A cursor that is no
    session of yours is 404. Sessions come in while you turn the pages; those that were there come once each. A session
    may take a moment to appear."""
    asked = validated_query(SessionsQuery, call.event)
    wanted = Wanted(asked.status, asked.created_after)
    return paged_response(call.services.session_list.page(call.tenant, wanted, page_of(asked)), "/v1/sessions")


def get(call: Call, session_id: str) -> Response[str]:
    """The session's current state. Until it has ended, `stream` carries a token that is good for half an hour at
    least: this is how a long call reconnects."""
    return json_response(call.services.sessions.get(call.tenant, session_id))


def end(call: Call, session_id: str) -> Response[str]:
    """Hangs up what is connected, stops the recording, finalizes the transcript and stops billing. Ending a session
    that has ended answers with its state; the first reason stays."""
    asked, key = call.asked(EndSession, optional=True)
    return answer_response(call.services.sessions.end(call.tenant, session_id, asked.reason, key))


_TAG = "Sessions"
ROUTES = (
    Route(
        *("POST", "/v1/sessions", Scope.SESSIONS_WRITE, create),
        tag=_TAG,
        summary="Create a session",
        body=CreateSession,
        status=201,
        answer="NewSession",
        idempotent=True,
        errors=(
            *("insufficient_api_credits", "ai_agent_not_found"),
            *("invalid_mode", "invalid_language_code", "invalid_provider", "no_route"),
            "concurrent_session_limit_exceeded",
        ),
    ),
    Route(
        *("GET", "/v1/sessions", Scope.SESSIONS_READ, list_all),
        tag=_TAG,
        summary="List sessions",
        query=SessionsQuery,
        answer="SessionList",
        errors=("session_not_found",),
    ),
    Route(
        *("GET", "/v1/sessions/<session_id>", Scope.SESSIONS_READ, get),
        tag=_TAG,
        summary="Retrieve a session",
        answer="Session",
        errors=("session_not_found",),
    ),
    Route(
        *("POST", "/v1/sessions/<session_id>/end", Scope.SESSIONS_WRITE, end),
        tag=_TAG,
        summary="End a session",
        body=EndSession,
        body_optional=True,
        answer="Session",
        idempotent=True,
        errors=("session_not_found", "session_busy"),
    ),
)
