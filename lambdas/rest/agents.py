"""/v1/agents: create, list, read, change, delete, and the versions of one."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.domain.agent_records import merged
from core.services.agents import AgentChange, NewAgent
from lambdas.rest.agent_schemas import CreateAgent, UpdateAgent
from lambdas.rest.body import read_body
from lambdas.rest.call import Call, answer_response, json_response
from lambdas.rest.paging import page_of, paged_response
from lambdas.rest.queries import PageQuery
from lambdas.rest.route import Route
from lambdas.rest.validation import validated, validated_query

_PATH = "/v1/agents"


def create(call: Call) -> Response[str]:
    """Keeps a description of an agent, so that sessions can name it: `ai_agent: {"id": "agt_…"}`. Descriptions have at
    most 64 KiB as JSON."""
    asked, key = call.asked(CreateAgent)
    new = NewAgent(asked.name, merged({}, asked.described()), asked.metadata or {})
    return answer_response(call.services.agents.create(call.tenant, new, key))


def list_all(call: Call) -> Response[str]:
    """The newest come first, each at its latest version. Where agents are large, a page may have fewer than `limit`;
    `has_more` says so."""
    page = page_of(validated_query(PageQuery, call.event))
    return paged_response(call.services.agents.page(call.tenant, page), _PATH)


def get(call: Call, agent_id: str) -> Response[str]:
    """The agent at its latest version."""
    return json_response(call.services.agents.get(call.tenant, agent_id))


def update(call: Call, agent_id: str) -> Response[str]:
    """Makes the next version, if anything is different. What is left out stays, what is null is taken away, and an
    object or a list is replaced as a whole. Sessions that exist go on as they were created."""
    asked = validated(UpdateAgent, read_body(call.event).raw)
    given = asked.model_fields_set
    change = AgentChange(
        asked.name if "name" in given else None,
        asked.described(),
        (asked.metadata or {}) if "metadata" in given else None,
    )
    return json_response(call.services.agents.change(call.tenant, agent_id, change))


def delete(call: Call, agent_id: str) -> Response[str]:
    """Deletes the agent and all of its versions. No new session can name it; sessions that exist keep the description
    that they were created with."""
    return json_response(call.services.agents.remove(call.tenant, agent_id))


def list_versions(call: Call, agent_id: str) -> Response[str]:
    """The agent as it was, the latest version first; the last fifty are kept. Cursors are versions' numbers."""
    page = page_of(validated_query(PageQuery, call.event))
    return paged_response(call.services.agents.versions(call.tenant, agent_id, page), f"{_PATH}/{agent_id}/versions")


def get_version(call: Call, agent_id: str, version: str) -> Response[str]:
    """The agent as it was at this version; `updated_at` is when it became so."""
    return json_response(call.services.agents.version(call.tenant, agent_id, version))


_TAG = "Agents"
_NOT_FOUND = ("ai_agent_not_found",)
_NO_VERSION = (*_NOT_FOUND, "ai_agent_version_not_found")
ROUTES = (
    Route(
        *("POST", _PATH, Scope.AGENTS_WRITE, create),
        tag=_TAG,
        summary="Create an agent",
        body=CreateAgent,
        status=201,
        answer="Agent",
        idempotent=True,
        errors=("invalid_language_code",),
    ),
    Route(
        *("GET", _PATH, Scope.AGENTS_READ, list_all),
        tag=_TAG,
        summary="List agents",
        query=PageQuery,
        answer="AgentList",
        errors=_NOT_FOUND,
    ),
    Route(
        *("GET", f"{_PATH}/<agent_id>", Scope.AGENTS_READ, get),
        tag=_TAG,
        summary="Retrieve an agent",
        answer="Agent",
        errors=_NOT_FOUND,
    ),
    Route(
        *("PATCH", f"{_PATH}/<agent_id>", Scope.AGENTS_WRITE, update),
        tag=_TAG,
        summary="Change an agent",
        body=UpdateAgent,
        answer="Agent",
        errors=(*_NOT_FOUND, "ai_agent_busy", "invalid_language_code"),
    ),
    Route(
        *("DELETE", f"{_PATH}/<agent_id>", Scope.AGENTS_WRITE, delete),
        tag=_TAG,
        summary="Delete an agent",
        answer="DeletedAgent",
        errors=(*_NOT_FOUND, "ai_agent_busy"),
    ),
    Route(
        *("GET", f"{_PATH}/<agent_id>/versions", Scope.AGENTS_READ, list_versions),
        tag=_TAG,
        summary="List an agent's versions",
        query=PageQuery,
        answer="AgentList",
        errors=_NO_VERSION,
    ),
    Route(
        *("GET", f"{_PATH}/<agent_id>/versions/<version>", Scope.AGENTS_READ, get_version),
        tag=_TAG,
        summary="Retrieve an agent's version",
        answer="Agent",
        errors=_NO_VERSION,
    ),
)
