"""A file into a knowledge base: announced, then its bytes brought to where the answer says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from kallglot.errors import ConnectionFailed, UnexpectedAnswer, failure
from kallglot.exchange.exchanging import Terms, exchange
from kallglot.exchange.requests import Request
from kallglot.exchange.steps import Answer, Call, Fault, Plan, ask, pause
from kallglot.objects.knowledge import Document, Upload

_KINDS: Mapping[str, str] = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".pdf": "application/pdf",
}


def content_type_of(file: Path) -> str:
    """By the name's ending. Raises ValueError for one that no knowledge base takes."""
    kind = _KINDS.get(file.suffix.lower())
    if kind is None:
        raise ValueError(f"{file.name}: a knowledge base takes {', '.join(_KINDS)}; or say its content type")
    return kind


def added(announced: Callable[[int], Request[Document]], content: bytes, terms: Terms) -> Plan[Document]:
    """`announced` makes the request of a document with so many bytes. Raises ConnectionFailed when they were not taken:
    the document then stays `pending`."""
    document = yield from exchange(announced(len(content)), terms)
    if document.upload is None:
        raise UnexpectedAnswer("the document came without a way to bring its bytes")
    yield from _brought(document.upload, content, terms)
    return replace(document, upload=None)


def _brought(upload: Upload, content: bytes, terms: Terms) -> Plan[None]:
    """Our key stays here: the address alone opens the way. Again is harmless, the same bytes come to the same place."""
    attempt = 1
    while True:
        call = Call(upload.method, upload.url, dict(upload["headers"]), content, timeout_s=terms.retrying.timeout_s)
        outcome = yield from ask(call)
        if isinstance(outcome, Answer) and outcome.is_success:
            return
        lasting = isinstance(outcome, Answer) and outcome.status < 500
        if lasting or attempt >= terms.retrying.max_attempts:
            raise _told(outcome)
        yield from pause(terms.retrying.backoff_s(attempt, terms.draw()))
        attempt += 1


def _told(outcome: Answer | Fault) -> ConnectionFailed:
    if isinstance(outcome, Fault):
        return failure(outcome)
    return ConnectionFailed(f"the document's bytes were refused with {outcome.status}")
