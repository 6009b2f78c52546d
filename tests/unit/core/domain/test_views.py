"""The session object, field by field as the published pages show it."""

from __future__ import annotations

from datetime import timedelta

from core.domain.access import StreamToken
from core.domain.sessions import (
    Channels,
    EndReason,
    Participant,
    Provider,
    Recording,
    Role,
    Status,
    end,
    flushed,
    join,
    start,
)
from core.domain.views import created_object, session_object, stream_object
from tests.fakes.clocks import START
from tests.unit.core.domain.test_sessions import a_session

STREAM = stream_object("wss://stream.kallglot.com/", "sess_1", StreamToken("kst_live_x", START + timedelta(hours=1)))
TWILIO = Provider("twilio", phone_number="+14155551234", details={"call_sid": "CA1"})


def test_the_answer_to_a_create_has_the_published_fields() -> None:
    shown = created_object(a_session(provider=TWILIO, recording=Recording(True, Channels.DUAL)), STREAM)

    assert list(shown) == [
        "id", "object", "status", "mode", "source_language", "target_language",
        "stream", "provider", "recording", "metadata", "created_at",
    ]  # fmt: skip
    assert shown["stream"] == {
        "url": "wss://stream.kallglot.com/v1/sessions/sess_1/connect",
        "token": "kst_live_x",
        "expires_at": "2026-03-26T12:00:00Z",
    }
    assert shown["provider"]["status"] == "pending"
    assert shown["recording"] == {"enabled": True, "channels": "dual"}


def test_a_running_session_shows_its_clocks_and_no_end() -> None:
    session = start(join(a_session(provider=TWILIO)), START + timedelta(seconds=15), "rec_1")

    shown = session_object(session, START + timedelta(seconds=140.5), STREAM)

    assert shown["duration"] == 125.5
    assert shown["started_at"] == "2026-03-26T11:00:15Z"
    assert shown["ended_at"] is None
    assert "end_reason" not in shown
    assert shown["provider"] == {
        "type": "twilio", "phone_number": "+14155551234", "status": "connected", "call_sid": "CA1",
    }  # fmt: skip


def test_an_ended_session_shows_its_end_and_no_stream() -> None:
    session = start(join(a_session(recording=Recording(True))), START, "rec_1")
    session = flushed(end(session, EndReason.COMPLETED, START + timedelta(seconds=245.3)))

    shown = session_object(session, START + timedelta(days=1), STREAM)

    assert session.status is Status.ENDED
    assert "stream" not in shown
    assert (shown["duration"], shown["end_reason"]) == (245.3, "completed")
    assert shown["recording"]["id"] == "rec_1"


def test_what_was_not_asked_for_is_not_shown_and_a_detected_language_is_null() -> None:
    shown = session_object(a_session(source_language=None), START, STREAM)

    assert "provider" not in shown
    assert "participants" not in shown
    assert shown["source_language"] is None


def test_participants_are_echoed() -> None:
    shown = created_object(a_session(participants=(Participant(Role.AGENT, "en", name="Ana"),)), STREAM)

    assert shown["participants"] == [{"type": "agent", "language": "en", "name": "Ana"}]
