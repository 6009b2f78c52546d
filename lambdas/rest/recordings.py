"""/v1/sessions/{id}/recordings and /v1/recordings: read, listen, delete."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from lambdas.rest.call import Call, json_response
from lambdas.rest.paging import page_of, paged_response
from lambdas.rest.queries import AudioQuery, PageQuery
from lambdas.rest.route import Route
from lambdas.rest.validation import validated_query


def of_session(call: Call, session_id: str) -> Response[str]:
    """None before the first audio, then one."""
    page = page_of(validated_query(PageQuery, call.event))
    found = call.services.recordings.of_session(call.tenant, session_id, page)
    return paged_response(found, f"/v1/sessions/{session_id}/recordings")


def get(call: Call, recording_id: str) -> Response[str]:
    """Once `status` is `ready`, `download_url` can be fetched for five minutes, without an API key."""
    return json_response(call.services.recordings.get(call.tenant, recording_id))


def audio(call: Call, recording_id: str) -> Response[str]:
    """Leads to the file, under an address that works for five minutes and without an API key. That address takes
    `Range`, so that players can jump and downloads go on where they broke off."""
    asked = validated_query(AudioQuery, call.event)
    url = call.services.recordings.audio(call.tenant, recording_id, asked.format)
    # Elsewhere, because a file is larger than an answer may be; the address is a secret, so nobody keeps it.
    return Response(302, body="", headers={"Location": url, "Cache-Control": "no-store"})


def delete(call: Call, recording_id: str) -> Response[str]:
    """Deletes the files for good. Asked again, the answer is the same."""
    call.services.recordings.delete(call.tenant, recording_id)
    return json_response({"id": recording_id, "object": "recording", "deleted": True})


_TAG = "Recordings"
ROUTES = (
    Route(
        *("GET", "/v1/sessions/<session_id>/recordings", Scope.RECORDINGS_READ, of_session),
        tag=_TAG,
        summary="List the recordings of a session",
        query=PageQuery,
        answer="RecordingList",
        errors=("session_not_found", "recording_not_found"),
    ),
    Route(
        *("GET", "/v1/recordings/<recording_id>", Scope.RECORDINGS_READ, get),
        tag=_TAG,
        summary="Retrieve a recording",
        answer="Recording",
        errors=("recording_not_found",),
    ),
    Route(
        *("DELETE", "/v1/recordings/<recording_id>", Scope.RECORDINGS_DELETE, delete),
        tag=_TAG,
        summary="Delete a recording",
        answer="DeletedRecording",
        errors=("recording_not_found", "recording_not_finished", "session_not_found", "session_busy"),
    ),
    Route(
        *("GET", "/v1/recordings/<recording_id>/audio", Scope.RECORDINGS_READ, audio),
        tag=_TAG,
        summary="Fetch the audio of a recording",
        query=AudioQuery,
        status=302,
        errors=("recording_not_found", "recording_failed", "recording_not_finished"),
    ),
)
