"""The implementations of the ports of knowledge bases, as `kinds` has those of the rest."""

from __future__ import annotations

from dataclasses import dataclass

from core.adapters import clients
from core.adapters.dynamodb.knowledge import DynamoKnowledge
from core.adapters.dynamodb.transactions import Tables
from core.adapters.s3_documents import S3Documents
from core.knowledge_ports import DocumentFiles, KnowledgeStore
from tests.contract.stores.tables import ACCESS, KNOWLEDGE, OUTBOX, SESSIONS
from tests.fakes.clocks import FakeClock
from tests.fakes.knowledge import MemoryDocuments, MemoryKnowledge
from tests.fakes.stores import MemorySessions


@dataclass(frozen=True)
class KnowledgeStores:
    store: KnowledgeStore
    files: DocumentFiles


def memory() -> KnowledgeStores:
    return KnowledgeStores(MemoryKnowledge(MemorySessions(FakeClock())), MemoryDocuments())


def real() -> KnowledgeStores:
    store = DynamoKnowledge(clients.dynamodb(), Tables(SESSIONS, ACCESS, OUTBOX), FakeClock())
    return KnowledgeStores(store, S3Documents(clients.s3(), KNOWLEDGE))
