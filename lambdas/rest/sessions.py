"""/v1/sessions: create, read, end."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from lambdas.rest.body import read_body
from lambdas.rest.call import Call, answer_response, json_response
from lambdas.rest.requests import new_session
from lambdas.rest.schemas import CreateSession, EndSession
from lambdas.rest.validation import validated


def create(call: Call) -> Response[str]:
    body = read_body(call.event)
    key = call.request_key(body)
    asked = validated(CreateSession, body.raw)
    organization = call.services.organizations.of(call.tenant)
    new = new_session(asked, call.tenant, organization.defaults, call.services.engines, call.services.routing)
    return answer_response(call.services.sessions.create(call.tenant, new, key))


def get(call: Call, session_id: str) -> Response[str]:
    return json_response(call.services.sessions.get(call.tenant, session_id))


def end(call: Call, session_id: str) -> Response[str]:
    body = read_body(call.event, optional=True)
    key = call.request_key(body)
    asked = validated(EndSession, body.raw)
    return answer_response(call.services.sessions.end(call.tenant, session_id, asked.reason, key))
