"""A document's passages as one object: JSON, compressed. Pure."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable

from core.domain.knowledge import Passage, Source


def packed(passages: Iterable[Passage]) -> bytes:
    """The same bytes for the same passages, whenever they are made."""
    rows = [[passage.text, passage.source.place] for passage in passages]
    return gzip.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def unpacked(stored: bytes, document_id: str, title: str) -> list[Passage]:
    """Raises ValueError for what is no such object."""
    try:
        rows = json.loads(gzip.decompress(stored))
        return [Passage(text, Source(document_id, title, place)) for text, place in rows]
    except (OSError, EOFError, TypeError) as error:
        raise ValueError("not a document's passages") from error
