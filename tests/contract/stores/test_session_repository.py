"""SessionRepository: one commit is all or nothing, and says exactly why it was nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.access import Tenant
from core.domain.recordings import Format, RecordingStatus
from core.domain.sessions import (
    Channels,
    Participant,
    Provider,
    Recording,
    Role,
    Session,
    Transcription,
    Usage,
    claim,
)
from core.errors import FenceLost, IdempotencyKeyTaken, WriteConflict
from core.ports import DUE_SHARDS, Commit, Fence
from tests.builders import ACME, ACME_TEST, OTHER, a_chunk, a_record, a_recorded, a_session, a_turn, an_event
from tests.contract.stores.kinds import Stores
from tests.fakes.clocks import START


def created(stores: Stores, session: Session | None = None) -> Session:
    return stores.sessions.commit(Commit(session or a_session(), None, None))


def test_a_new_session_gets_version_1_and_is_found_as_it_was_stored(stores: Stores) -> None:
    session = a_session(
        provider=Provider("twilio", phone_number="+14155551234", details={"codecs": ["PCMU"], "call_sid": "CA1"}),
        participants=(Participant(Role.AGENT, "en", "a1", "Ada"), Participant(Role.CUSTOMER, "de")),
        ai_agent={"system_prompt": "be kind", "temperature": 0.5, "tools": [{"name": "x"}]},
        recording=Recording(True, Channels.MONO, "rec_1", 12.5),
        transcription=Transcription(True, False, ("names",)),
        voices={"de": "thorsten", "en": "ä heart"},
        metadata={"grüße": "😀", "empty": ""},
        started_at=START + timedelta(seconds=1.25),
        usage=Usage(1.5, 0.25, 0.0),
    )

    stored = stores.sessions.commit(Commit(session, None, None))

    assert stored == replace(session, version=1)
    assert stores.sessions.find(ACME, session.id) == stored


def test_a_session_is_found_by_its_own_tenant_only(stores: Stores) -> None:
    created(stores)

    assert stores.sessions.find(OTHER, "sess_1") is None
    assert stores.sessions.find(ACME_TEST, "sess_1") is None
    assert stores.sessions.find(ACME, "sess_2") is None


def test_whoever_has_only_an_id_can_ask_for_the_tenant(stores: Stores) -> None:
    created(stores)

    assert stores.sessions.tenant_of("sess_1") == ACME
    assert stores.sessions.tenant_of("sess_2") is None


def test_the_same_session_is_not_created_twice(stores: Stores) -> None:
    created(stores)

    with pytest.raises(WriteConflict):
        created(stores, a_session(target_language="fr"))

    found = stores.sessions.find(ACME, "sess_1")
    assert found is not None
    assert found.target_language == "en"


def test_a_change_decided_on_an_old_version_is_a_conflict(stores: Stores) -> None:
    first = created(stores)
    stores.sessions.commit(Commit(replace(first, word_count=1), first.version, None))

    with pytest.raises(WriteConflict):
        stores.sessions.commit(Commit(replace(first, word_count=2), first.version, None))


def test_a_change_of_a_session_that_is_not_there_is_a_conflict(stores: Stores) -> None:
    with pytest.raises(WriteConflict):
        stores.sessions.commit(Commit(a_session(), 1, None))


def test_the_owner_writes_with_its_fence(stores: Stores) -> None:
    held = stores.sessions.commit(Commit(claim(created(stores), "w1"), 1, None))

    written = stores.sessions.commit(Commit(replace(held, word_count=3), 2, None, fence=Fence("w1", 1)))

    assert (written.version, written.word_count) == (3, 3)


@pytest.mark.parametrize("expected_version", [2, 3])
def test_a_worker_that_lost_its_session_is_told_so_whatever_version_it_holds(
    stores: Stores, expected_version: int
) -> None:
    held = stores.sessions.commit(Commit(claim(created(stores), "w1"), 1, None))
    stores.sessions.commit(Commit(claim(held, "w2"), 2, None))

    with pytest.raises(FenceLost):
        stores.sessions.commit(Commit(held, expected_version, None, fence=Fence("w1", 1)))


def test_an_old_epoch_of_the_same_worker_has_lost_its_fence(stores: Stores) -> None:
    held = stores.sessions.commit(Commit(claim(created(stores), "w1"), 1, None))
    again = stores.sessions.commit(Commit(claim(held, "w1"), 2, None))

    with pytest.raises(FenceLost):
        stores.sessions.commit(Commit(again, 3, None, fence=Fence("w1", 1)))


def test_an_owner_with_an_old_version_has_a_conflict_and_keeps_its_fence(stores: Stores) -> None:
    held = stores.sessions.commit(Commit(claim(created(stores), "w1"), 1, None))

    with pytest.raises(WriteConflict):
        stores.sessions.commit(Commit(held, 1, None, fence=Fence("w1", 1)))


def test_turns_come_back_in_order_and_belong_to_their_tenant(stores: Stores) -> None:
    first = created(stores)
    turns = tuple(a_turn(sequence) for sequence in (2, 10, 1))

    stores.sessions.commit(Commit(first, 1, None, turns=turns))

    assert [turn.sequence for turn in stores.sessions.turns(ACME, "sess_1")] == [1, 2, 10]
    assert stores.sessions.turns(ACME, "sess_1")[0] == a_turn(1)
    assert stores.sessions.turns(OTHER, "sess_1") == []


def test_the_last_turns_after_one_come_back_in_order(stores: Stores) -> None:
    turns = tuple(a_turn(sequence) for sequence in range(1, 12))
    stores.sessions.commit(Commit(created(stores), 1, None, turns=turns))

    def last(after: int, most: int) -> list[int]:
        return [turn.sequence for turn in stores.sessions.last_turns(ACME, "sess_1", after, most)]

    assert last(8, 10) == [9, 10, 11]
    assert last(0, 2) == [10, 11]
    assert last(11, 10) == []
    assert stores.sessions.last_turns(OTHER, "sess_1", 0, 10) == []


def test_a_turn_written_twice_is_one_turn_and_never_replaces_another(stores: Stores) -> None:
    second = stores.sessions.commit(Commit(created(stores), 1, None, turns=(a_turn(1),)))
    third = stores.sessions.commit(Commit(second, 2, None, turns=(a_turn(1), a_turn(2))))

    with pytest.raises(WriteConflict):
        stores.sessions.commit(Commit(third, 3, None, turns=(a_turn(2, id="seg_other"),)))

    assert [turn.id for turn in stores.sessions.turns(ACME, "sess_1")] == ["seg_1", "seg_2"]


def test_chunks_come_back_in_order(stores: Stores) -> None:
    chunks = (a_chunk(1, 10.0), a_chunk(0))

    stores.sessions.commit(Commit(created(stores), 1, None, chunks=chunks))

    assert stores.sessions.chunks(ACME, "sess_1") == [a_chunk(0), a_chunk(1, 10.0)]


def test_a_long_call_is_read_to_its_end(stores: Stores) -> None:
    session = created(stores)
    for start in range(0, 240, 60):
        turns = tuple(a_turn(sequence, "a" * 8000) for sequence in range(start, start + 60))
        session = stores.sessions.commit(Commit(session, session.version, None, turns=turns))

    assert len(stores.sessions.turns(ACME, "sess_1")) == 240


def test_a_taken_idempotency_key_stops_the_whole_commit(stores: Stores) -> None:
    stores.sessions.commit(Commit(a_session(), None, None, idempotency=a_record()))

    with pytest.raises(IdempotencyKeyTaken):
        stores.sessions.commit(Commit(a_session("sess_2"), None, None, idempotency=a_record()))

    assert stores.sessions.find(ACME, "sess_2") is None
    assert stores.sessions.tenant_of("sess_2") is None


def test_an_expired_idempotency_key_may_be_used_again(stores: Stores) -> None:
    stores.sessions.commit(Commit(a_session(), None, None, idempotency=a_record()))
    stores.clock.advance(24 * 3600)
    later = a_record(expires_at=stores.clock.now() + timedelta(hours=24))

    stores.sessions.commit(Commit(a_session("sess_2"), None, None, idempotency=later))

    assert stores.sessions.find(ACME, "sess_2") is not None


def test_a_refused_commit_writes_neither_turns_nor_chunks(stores: Stores) -> None:
    first = created(stores)

    with pytest.raises(WriteConflict):
        stores.sessions.commit(Commit(first, 7, None, turns=(a_turn(),), chunks=(a_chunk(),), events=(an_event(),)))

    assert stores.sessions.turns(ACME, "sess_1") == []
    assert stores.sessions.chunks(ACME, "sess_1") == []


def due_everywhere(stores: Stores) -> list[tuple[Tenant, str]]:
    return [found for shard in range(DUE_SHARDS) for found in stores.sessions.due(shard, stores.clock.now(), 10)]


def test_a_session_is_due_from_its_time_on(stores: Stores) -> None:
    stores.sessions.commit(Commit(a_session(), None, START + timedelta(seconds=1)))

    assert due_everywhere(stores) == []

    stores.clock.advance(1)

    assert due_everywhere(stores) == [(ACME, "sess_1")]


def test_a_session_without_a_due_time_is_never_due_again(stores: Stores) -> None:
    first = stores.sessions.commit(Commit(a_session(), None, START))
    stores.sessions.commit(Commit(first, 1, None))

    assert due_everywhere(stores) == []


def test_the_longest_overdue_come_first_and_no_more_than_asked(stores: Stores) -> None:
    for number in range(60):
        session = a_session(f"sess_{number:02d}")
        stores.sessions.commit(Commit(session, None, START - timedelta(seconds=number)))

    for shard in range(DUE_SHARDS):
        found = [session_id for _, session_id in stores.sessions.due(shard, START, 2)]

        assert len(found) <= 2
        assert found == sorted(found, reverse=True)


def test_a_recording_is_stored_with_a_change_of_its_session(stores: Stores) -> None:
    expires_at = stores.clock.now() + timedelta(days=30)
    begun = a_recorded()
    done = a_recorded(
        status=RecordingStatus.READY,
        duration_s=1.25,
        sizes={Format.WAV: 44, Format.MP3: 12},
        chunk_count=2,
        expires_at=expires_at,
    )

    first = stores.sessions.commit(Commit(a_session(), None, None, recorded=begun))
    assert stores.sessions.recorded(ACME, "rec_1") == begun

    stores.sessions.commit(Commit(first, 1, None, recorded=done))
    assert stores.sessions.recorded(ACME, "rec_1") == done
    assert stores.sessions.recorded(OTHER, "rec_1") is None
    assert stores.sessions.recorded(ACME, "rec_2") is None


def test_a_refused_commit_leaves_the_recording_as_it_was(stores: Stores) -> None:
    stores.sessions.commit(Commit(a_session(), None, None, recorded=a_recorded()))

    with pytest.raises(WriteConflict):
        stores.sessions.commit(Commit(a_session(), 7, None, recorded=a_recorded(chunk_count=9)))

    assert stores.sessions.recorded(ACME, "rec_1") == a_recorded()
