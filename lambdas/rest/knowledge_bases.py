"""/v1/knowledge_bases: create, list, read, change, delete."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.services.knowledge_bases import BaseChange, NewBase
from lambdas.rest.body import read_body
from lambdas.rest.call import Call, answer_response, json_response
from lambdas.rest.knowledge_schemas import CreateKnowledgeBase, UpdateKnowledgeBase
from lambdas.rest.paging import page_of, paged_response
from lambdas.rest.queries import PageQuery
from lambdas.rest.route import Route
from lambdas.rest.validation import validated, validated_query

PATH = "/v1/knowledge_bases"


def create(call: Call) -> Response[str]:
    """An empty knowledge base; add documents to it, and name it as the `knowledge_base_id` of an agent. There may be
    100, with 500 documents and 10,000 passages each."""
    asked, key = call.asked(CreateKnowledgeBase)
    return answer_response(call.services.knowledge.bases.create(call.tenant, NewBase(asked.name, asked.language), key))


def list_all(call: Call) -> Response[str]:
    """The knowledge bases of this environment, the newest first."""
    page = page_of(validated_query(PageQuery, call.event))
    return paged_response(call.services.knowledge.bases.page(call.tenant, page), PATH)


def get(call: Call, base_id: str) -> Response[str]:
    """`passage_count` is what its documents were cut into; `status` is `empty` until there is one."""
    return json_response(call.services.knowledge.bases.get(call.tenant, base_id))


def update(call: Call, base_id: str) -> Response[str]:
    """Another name, or another language. Sessions that run keep what they have read."""
    asked = validated(UpdateKnowledgeBase, read_body(call.event).raw)
    change = BaseChange(asked.name, asked.language)
    return json_response(call.services.knowledge.bases.change(call.tenant, base_id, change))


def delete(call: Call, base_id: str) -> Response[str]:
    """With all of its documents, for good. Sessions that run keep what they have read; an agent that names it finds
    nothing in it from now on."""
    return json_response(call.services.knowledge.bases.remove(call.tenant, base_id))


_TAG = "Knowledge bases"
_NOT_FOUND = ("knowledge_base_not_found",)
ROUTES = (
    Route(
        *("POST", PATH, Scope.AGENTS_WRITE, create),
        tag=_TAG,
        summary="Create a knowledge base",
        body=CreateKnowledgeBase,
        status=201,
        answer="KnowledgeBase",
        idempotent=True,
        errors=("knowledge_base_limit_reached", "invalid_language_code"),
    ),
    Route(
        *("GET", PATH, Scope.AGENTS_READ, list_all),
        tag=_TAG,
        summary="List knowledge bases",
        query=PageQuery,
        answer="KnowledgeBaseList",
        errors=_NOT_FOUND,
    ),
    Route(
        *("GET", f"{PATH}/<base_id>", Scope.AGENTS_READ, get),
        tag=_TAG,
        summary="Retrieve a knowledge base",
        answer="KnowledgeBase",
        errors=_NOT_FOUND,
    ),
    Route(
        *("PATCH", f"{PATH}/<base_id>", Scope.AGENTS_WRITE, update),
        tag=_TAG,
        summary="Change a knowledge base",
        body=UpdateKnowledgeBase,
        answer="KnowledgeBase",
        errors=(*_NOT_FOUND, "invalid_language_code"),
    ),
    Route(
        *("DELETE", f"{PATH}/<base_id>", Scope.AGENTS_WRITE, delete),
        tag=_TAG,
        summary="Delete a knowledge base",
        answer="DeletedKnowledgeBase",
        errors=_NOT_FOUND,
    ),
)
