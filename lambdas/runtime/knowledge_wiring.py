"""The composition root of what has to do with knowledge bases, as `wiring` is of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.adapters import clients
from core.adapters.dynamodb.knowledge import DynamoKnowledge
from core.adapters.s3_documents import S3Documents
from core.ports import Clock, IdempotencyStore, Ids
from core.services.documents import DocumentService
from core.services.knowledge_bases import KnowledgeBaseService
from lambdas.runtime import session_wiring, settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The REST function's share."""

    bases: KnowledgeBaseService
    documents: DocumentService


def knowledge(
    dynamo: DynamoDBClient, env: settings.RestSettings, clock: Clock, ids: Ids, idempotency: IdempotencyStore
) -> Knowledge:
    store = DynamoKnowledge(dynamo, session_wiring.tables(env), clock)
    files = S3Documents(clients.s3(), env.knowledge_bucket)
    bases = KnowledgeBaseService(store, files, idempotency, clock, ids)
    return Knowledge(bases, DocumentService(bases, store, files, idempotency, clock, ids))
