"""Reading a transcript."""

from __future__ import annotations

import pytest

from core.domain.access import Tenant
from core.domain.transcripts import TranscriptFormat
from core.errors import NotFound
from core.ports import Commit
from core.services.transcripts import TranscriptService
from tests.builders import ACME, OTHER, a_session, a_turn
from tests.fakes.clocks import FakeClock
from tests.fakes.stores import MemorySessions


@pytest.fixture
def service() -> TranscriptService:
    clock = FakeClock()
    sessions = MemorySessions(clock)
    sessions.commit(Commit(a_session("sess_1"), None, None, turns=(a_turn(1), a_turn(2, "danke"))))
    return TranscriptService(sessions, clock)


def test_json_is_the_transcript_object(service: TranscriptService) -> None:
    shown = service.get(ACME, "sess_1", TranscriptFormat.JSON, translated=True)

    assert isinstance(shown, dict)
    assert [turn["text"] for turn in shown["turns"]] == ["guten Tag", "danke"]
    assert shown["segments"][0]["translation"] == "good day"


@pytest.mark.parametrize("form", [TranscriptFormat.TEXT, TranscriptFormat.SRT, TranscriptFormat.VTT])
def test_every_other_format_is_text_with_or_without_the_translation(
    service: TranscriptService, form: TranscriptFormat
) -> None:
    with_translation = service.get(ACME, "sess_1", form, translated=True)
    without = service.get(ACME, "sess_1", form, translated=False)

    assert "guten Tag" in with_translation
    assert "good day" in with_translation
    assert "good day" not in without


@pytest.mark.parametrize(("tenant", "session_id"), [(OTHER, "sess_1"), (ACME, "sess_2"), (ACME, "../sess_1")])
def test_what_is_not_there_is_not_found(service: TranscriptService, tenant: Tenant, session_id: str) -> None:
    with pytest.raises(NotFound) as missing:
        service.get(tenant, session_id, TranscriptFormat.JSON, translated=True)

    assert missing.value.code == "session_not_found"
