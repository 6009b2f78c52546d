"""/v1/sessions/{id}/transcript."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.domain.transcripts import TranscriptFormat
from lambdas.rest.call import Call, json_response
from lambdas.rest.queries import TranscriptQuery
from lambdas.rest.route import Route
from lambdas.rest.validation import validated_query

CONTENT_TYPES: Mapping[TranscriptFormat, str] = MappingProxyType(
    {
        TranscriptFormat.TEXT: "text/plain; charset=utf-8",
        TranscriptFormat.SRT: "application/x-subrip; charset=utf-8",
        TranscriptFormat.VTT: "text/vtt; charset=utf-8",
    }
)


def get(call: Call, session_id: str) -> Response[str]:
    """What was said, with translations: readable while the call runs, complete once the session has ended."""
    asked = validated_query(TranscriptQuery, call.event)
    translated = asked.include_translations == "true"
    shown = call.services.transcripts.get(call.tenant, session_id, asked.format, translated=translated)
    return Response(200, CONTENT_TYPES[asked.format], shown) if isinstance(shown, str) else json_response(shown)


ROUTES = (
    Route(
        *("GET", "/v1/sessions/<session_id>/transcript", Scope.SESSIONS_READ, get),
        tag="Transcripts",
        summary="Retrieve a transcript",
        query=TranscriptQuery,
        answer="Transcript",
        texts=tuple(CONTENT_TYPES.values()),
        errors=("session_not_found",),
    ),
)
