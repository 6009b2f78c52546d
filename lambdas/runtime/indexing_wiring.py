"""The composition root of the function that reads documents, apart: no other one should load what reads them."""

from __future__ import annotations

import os
from functools import cache

from core.adapters import clients
from core.adapters.dynamodb.knowledge import DynamoKnowledge
from core.adapters.dynamodb.transactions import Tables
from core.adapters.pdf import PdfProgram
from core.adapters.s3_documents import S3Documents
from core.adapters.system import SystemClock
from core.services.indexing import Indexing
from lambdas.runtime import settings


@cache
def indexing() -> Indexing:
    env = settings.IndexSettings.read(os.environ)
    # It answers nobody and tells nobody, so idempotency records and events are not its business.
    store = DynamoKnowledge(clients.dynamodb(), Tables(env.sessions_table, access="", outbox=""), SystemClock())
    return Indexing(store, S3Documents(clients.s3(), env.knowledge_bucket), PdfProgram())
