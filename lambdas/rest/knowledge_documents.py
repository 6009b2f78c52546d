"""/v1/knowledge_bases/{id}/documents: add, list, read, delete."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.domain.knowledge_bases import ContentType
from core.errors import invalid_field
from core.services.documents import NewDocument
from lambdas.rest.call import Call, answer_response, json_response
from lambdas.rest.knowledge_schemas import CreateDocument
from lambdas.rest.paging import page_of, paged_response
from lambdas.rest.queries import PageQuery
from lambdas.rest.route import Route
from lambdas.rest.validation import missing, validated_query

_PATH = "/v1/knowledge_bases/<base_id>/documents"


def create(call: Call, base_id: str) -> Response[str]:
    """Text and markdown may come with the request, as `text`. Everything else is uploaded: the answer's `upload` says
    where to, within 15 minutes and without an API key, with exactly those headers, up to 10 MiB. Once the bytes have
    come, the document is read: `status` goes from `pending` over `processing` to `ready`, or to `failed` with a
    sentence in `error`. A base takes 500 documents."""
    asked, key = call.asked(CreateDocument)
    new = _new(asked)
    return answer_response(call.services.knowledge.documents.create(call.tenant, base_id, new, key))


def list_all(call: Call, base_id: str) -> Response[str]:
    """The documents of a knowledge base, the newest first."""
    page = page_of(validated_query(PageQuery, call.event))
    found = call.services.knowledge.documents.page(call.tenant, base_id, page)
    return paged_response(found, f"/v1/knowledge_bases/{base_id}/documents")


def get(call: Call, base_id: str, document_id: str) -> Response[str]:
    """`passage_count` is what it was cut into, once it is `ready`."""
    return json_response(call.services.knowledge.documents.get(call.tenant, base_id, document_id))


def delete(call: Call, base_id: str, document_id: str) -> Response[str]:
    """With its passages, for good. Sessions that run keep what they have read."""
    return json_response(call.services.knowledge.documents.remove(call.tenant, base_id, document_id))


def _new(asked: CreateDocument) -> NewDocument:
    if asked.text is not None and asked.size is not None:
        raise invalid_field("size", "cannot be given together with text")
    if asked.text is not None:
        if asked.content_type is ContentType.PDF:
            raise invalid_field("text", "a PDF is uploaded; give its size instead")
        content = asked.text.encode()
        return NewDocument(asked.name, asked.content_type, len(content), content)
    if asked.size is None:
        raise missing("text")
    return NewDocument(asked.name, asked.content_type, asked.size)


_TAG = "Knowledge bases"
_NOT_FOUND = ("knowledge_base_not_found", "document_not_found")
ROUTES = (
    Route(
        *("POST", _PATH, Scope.AGENTS_WRITE, create),
        tag=_TAG,
        summary="Add a document",
        body=CreateDocument,
        status=201,
        answer="NewDocument",
        idempotent=True,
        errors=("knowledge_base_not_found", "document_limit_reached"),
    ),
    Route(
        *("GET", _PATH, Scope.AGENTS_READ, list_all),
        tag=_TAG,
        summary="List documents",
        query=PageQuery,
        answer="DocumentList",
        errors=_NOT_FOUND,
    ),
    Route(
        *("GET", f"{_PATH}/<document_id>", Scope.AGENTS_READ, get),
        tag=_TAG,
        summary="Retrieve a document",
        answer="Document",
        errors=_NOT_FOUND,
    ),
    Route(
        *("DELETE", f"{_PATH}/<document_id>", Scope.AGENTS_WRITE, delete),
        tag=_TAG,
        summary="Delete a document",
        answer="DeletedDocument",
        errors=(*_NOT_FOUND, "document_busy"),
    ),
)
