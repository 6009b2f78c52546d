"""/v1/sessions/{id}/tool_results: what came of something that an agent wanted done."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.domain.tool_calls import tool_call_object
from core.errors import invalid_field
from lambdas.rest.agent_schemas import ToolResult
from lambdas.rest.body import read_body
from lambdas.rest.call import Call, json_response
from lambdas.rest.route import Route
from lambdas.rest.validation import missing, validated


def answer(call: Call, session_id: str) -> Response[str]:
    """Answers a tool call of `agent.tool_call`, before its `expires_at`. The first answer counts, whichever way it
    comes; sending the very same one again is answered with it, another one is 409. A `result` has at most 32 KiB and
    fits the schema that the tool was declared with; an `error` is told to the model, which can say so."""
    asked = validated(ToolResult, read_body(call.event).raw)
    if asked.error is not None and asked.result is not None:
        raise invalid_field("result", "cannot be given together with error")
    if asked.error is None and "result" not in asked.model_fields_set:
        raise missing("result")
    failed = asked.error is not None
    answered = call.services.tool_calls.answer(
        call.tenant, session_id, asked.call_id, asked.error if failed else asked.result, failed=failed
    )
    return json_response(tool_call_object(answered))


ROUTES = (
    Route(
        *("POST", "/v1/sessions/<session_id>/tool_results", Scope.SESSIONS_WRITE, answer),
        tag="Sessions",
        summary="Answer a tool call",
        body=ToolResult,
        answer="ToolCall",
        errors=("session_not_found", "tool_call_not_found", "tool_call_closed"),
    ),
)
