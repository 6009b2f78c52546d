"""/v1/sessions/{id}/recordings and /v1/recordings: read, listen, delete."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.recordings import Format
from lambdas.rest.call import Call, json_response, list_response
from lambdas.rest.validation import invalid


def of_session(call: Call, session_id: str) -> Response[str]:
    found = call.services.recordings.of_session(call.tenant, session_id)
    return list_response(found, f"/v1/sessions/{session_id}/recordings")


def get(call: Call, recording_id: str) -> Response[str]:
    return json_response(call.services.recordings.get(call.tenant, recording_id))


def audio(call: Call, recording_id: str) -> Response[str]:
    """Elsewhere: a file is larger than an answer may be. The address is a secret for minutes, so nobody keeps it."""
    url = call.services.recordings.audio(call.tenant, recording_id, _format(call.query("format")))
    return Response(302, body="", headers={"Location": url, "Cache-Control": "no-store"})


def delete(call: Call, recording_id: str) -> Response[str]:
    call.services.recordings.delete(call.tenant, recording_id)
    return json_response({"id": recording_id, "object": "recording", "deleted": True})


def _format(value: str | None) -> Format:
    if value is None:
        return Format.WAV
    if value not in tuple(Format):
        raise invalid("format", "must be one of " + ", ".join(Format))
    return Format(value)
