"""S3: an object came into the documents' bucket → its passages. An event that comes twice finds them made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.knowledge_bases import parse_upload_key
from lambdas.runtime import indexing_wiring
from lambdas.runtime.telemetry import logger


def handler(event: Mapping[str, Any], _context: object) -> None:
    tenant, base_id, document_id = parse_upload_key(event["detail"]["object"]["key"])
    document = indexing_wiring.indexing().index(tenant, base_id, document_id)
    done = {"knowledge_base_id": base_id, "document_id": document_id}
    if document is None:
        logger().info("the document is gone", extra=done)
        return
    logger().info("indexed", extra={**done, "status": document.status.value, "passages": document.passages})
