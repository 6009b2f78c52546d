"""The words in which watchers are told."""

from __future__ import annotations

import pytest

from core.domain.events import EventType
from core.domain.sessions import Role
from core.domain.tool_calls import tool_call_object
from core.domain.transcripts import partial_object, turn_object
from core.domain.watched import final_of, message_of
from tests.builders import a_tool_call, a_turn, an_event

FINAL = {
    "type": "transcript.final",
    "session_id": "sess_1",
    "id": "seg_3",
    "sequence": 3,
    "speaker": "customer",
    "language": "de",
    "text": "guten Tag",
    "timestamp": "2026-03-26T11:00:00Z",
    "start_time": 3.0,
    "end_time": 3.5,
    "confidence": 0.9,
    "translation": {"language": "en", "text": "good day"},
    "is_final": True,
}


def test_a_segment_is_worded_as_the_stream_words_it() -> None:
    assert message_of(an_event(kind=EventType.TRANSCRIPT_SEGMENT, data=turn_object(a_turn(3)))) == FINAL


def test_what_is_told_again_is_told_in_the_same_words() -> None:
    assert final_of("sess_1", a_turn(3)) == FINAL


def test_a_partial_is_worded_as_the_stream_words_it() -> None:
    said = partial_object("seg_4", 4, Role.AGENT, "en", "good", 3.00049, 3.2, participant="ana")

    assert message_of(an_event(kind=EventType.TRANSCRIPT_PARTIAL, data=said)) == {
        "type": "transcript.partial",
        "session_id": "sess_1",
        "id": "seg_4",
        "sequence": 4,
        "speaker": "agent",
        "language": "en",
        "text": "good",
        "is_final": False,
        "start_time": 3.0,
        "end_time": 3.2,
        "confidence": 0.0,
        "participant": "ana",
    }
    assert "participant" not in partial_object("seg_4", 4, Role.AGENT, "en", "good", 3.0, 3.2)


def test_an_end_tells_its_reason_and_keeps_the_metadata_to_itself() -> None:
    data = {"status": "ended", "end_reason": "timeout", "duration": 3.5, "metadata": {"crm": "42"}, "provider": {}}

    assert message_of(an_event(kind=EventType.SESSION_ENDED, data=data)) == {
        "type": "session.ended",
        "session_id": "sess_1",
        "status": "ended",
        "duration": 3.5,
        "reason": "timeout",
    }


@pytest.mark.parametrize("kind", [kind for kind in EventType if kind.is_watched])
def test_every_event_that_others_hear_of_has_a_message(kind: EventType) -> None:
    assert message_of(an_event(kind=kind))["session_id"] == "sess_1"


def test_a_tool_call_is_worded_as_the_stream_words_it() -> None:
    assert message_of(an_event(kind=EventType.AGENT_TOOL_CALL, data=tool_call_object(a_tool_call()))) == {
        "type": "tool.call",
        "session_id": "sess_1",
        "call_id": "call_1",
        "name": "order_status",
        "arguments": {"order": "7"},
        "expires_at": "2026-03-26T11:00:10Z",
    }
