"""How a stream ends, and what `session.error` says: codes and their meaning for whoever gets them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.domain.watching import MESSAGE_BYTES, MOST_SUBSCRIPTIONS
from media_worker.closing import CloseCode
from media_worker.pipeline.notices import TEXTS

CLOSE_CODES: Mapping[int, str] = MappingProxyType(
    {
        CloseCode.ENDED: "The session has ended, or this stream of it.",
        1009: "A message was longer than 1 MiB.",
        CloseCode.OUR_FAULT: "Something failed on our side.",
        CloseCode.GOING_AWAY: "The worker is going away, or another one holds the session. Connect again, at once.",
        CloseCode.BAD_MESSAGE: "The first message, a parameter, or twenty messages in a row could not be read.",
        CloseCode.BAD_TOKEN: "The token is wrong or has expired, or none came within five seconds.",
        CloseCode.NO_SUCH_SESSION: "There is no such session.",
        CloseCode.SESSION_ENDED: "The session had ended already.",
        CloseCode.WINDOW_OVER: "The session waited too long for a new stream, and has ended.",
        CloseCode.TOO_MUCH: "Too much was sent, too slowly read, or the session has as many streams as it may.",
    }
)

ERRORS: Mapping[str, str] = MappingProxyType(
    {
        "invalid_message": "This is not a message of the stream.",
        "invalid_audio_format": "The encoding, sample rate, channel count or length of the audio is not accepted.",
        "invalid_participant": "A participant is `customer` or `agent`.",
        "invalid_last_sequence": "`last_sequence` is the sequence of the last final that the client has.",
        "missing_stream_token": "The token comes with the upgrade or in the first message.",
        "invalid_stream_token": "The token is wrong or has expired; `GET /v1/sessions/{id}` gives another.",
        "session_not_found": "There is no such session.",
        "session_ended": "The session has ended.",
        "reconnect_window_over": "The session waited too long for a new stream.",
        "session_held_elsewhere": "Another worker holds the session. Connect again.",
        "worker_superseded": "A newer worker takes the session. Connect again.",
        "session_moving": "The session is being handed to another worker. Connect again.",
        "owner_unreachable": "The worker that holds the session cannot be reached. Connect again.",
        "attach_timeout": "The session could not be taken in time. Connect again.",
        "worker_stopping": "The worker is stopping. Connect again.",
        "worker_full": "The worker has no room for another session. Connect again.",
        "too_many_streams": "The session has as many streams as it may.",
        "dependency_unavailable": "Something the service depends on did not answer. Connect again.",
    }
    | {code: f"{text[0].upper()}{text[1:]}." for code, text in TEXTS.items()}
)


WATCHER_ERRORS: Mapping[str, str] = MappingProxyType(
    {
        "invalid_message": "This is not a message of the socket.",
        "message_too_large": f"A message has at most {MESSAGE_BYTES} bytes.",
        "unknown_action": "There is no such action.",
        "session_not_found": "There is no such session.",
        "insufficient_permissions": "The key lacks the scope, or the token belongs to another session.",
        "too_many_subscriptions": f"A connection watches at most {MOST_SUBSCRIPTIONS} sessions.",
        "connection_unknown": "This connection has been forgotten. Connect again.",
        "invalid_api_key": "The key is there no more. Nothing is watched any longer.",
        "expired_api_key": "The key has expired. Nothing is watched any longer.",
        "revoked_api_key": "The key was revoked. Nothing is watched any longer.",
        "organization_inactive": "The organization is suspended. Nothing is watched any longer.",
        "session_busy": "The session is changing too fast. Try again.",
        "dependency_unavailable": "Something the service depends on did not answer. Try again.",
        "internal_error": "Something failed on our side.",
    }
)


def table(title: str, codes: Mapping[int, str] | Mapping[str, str]) -> str:
    """Markdown."""
    rows = "".join(f"| `{code}` | {meaning} |\n" for code, meaning in codes.items())
    return f"\n\n| {title} | Meaning |\n|---|---|\n{rows}"
