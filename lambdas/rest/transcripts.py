"""/v1/sessions/{id}/transcript."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aws_lambda_powertools.event_handler import Response

from core.domain.transcripts import TranscriptFormat
from lambdas.rest.call import Call, json_response
from lambdas.rest.validation import invalid

CONTENT_TYPES: Mapping[TranscriptFormat, str] = MappingProxyType(
    {
        TranscriptFormat.TEXT: "text/plain; charset=utf-8",
        TranscriptFormat.SRT: "application/x-subrip; charset=utf-8",
        TranscriptFormat.VTT: "text/vtt; charset=utf-8",
    }
)


def get(call: Call, session_id: str) -> Response[str]:
    form = _format(call.query("format"))
    translated = _flag("include_translations", call.query("include_translations"))
    shown = call.services.transcripts.get(call.tenant, session_id, form, translated=translated)
    return Response(200, CONTENT_TYPES[form], shown) if isinstance(shown, str) else json_response(shown)


def _format(value: str | None) -> TranscriptFormat:
    if value is None:
        return TranscriptFormat.JSON
    if value not in tuple(TranscriptFormat):
        raise invalid("format", "must be one of " + ", ".join(TranscriptFormat))
    return TranscriptFormat(value)


def _flag(name: str, value: str | None) -> bool:
    if value not in (None, "true", "false"):
        raise invalid(name, "must be true or false")
    return value != "false"
