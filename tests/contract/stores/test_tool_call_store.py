"""ToolCallStore: a call is asked in its session's own write, once, and closed once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.sessions import Session
from core.domain.tool_calls import ToolCall, answered, timed_out
from core.errors import FenceLost, WriteConflict
from core.ports import Commit, Fence
from tests.builders import ACME, ACME_TEST, OTHER, a_session, a_tool_call
from tests.contract.stores.kinds import Stores

OWNER = Fence("worker-1", 1)


def owned(stores: Stores) -> Session:
    return stores.sessions.commit(Commit(a_session(owner=OWNER.worker_id, epoch=OWNER.epoch), None, None))


def ask(stores: Stores, session: Session, *calls: ToolCall, fence: Fence = OWNER) -> Session:
    return stores.sessions.commit(Commit(session, session.version, None, tool_calls=calls, fence=fence))


def test_a_call_is_found_below_its_own_session_only(stores: Stores) -> None:
    call = a_tool_call(arguments={"who": "Ü", "nothing": None}, timeout_s=2.5)
    ask(stores, owned(stores), call, a_tool_call("call_2"))

    assert stores.tool_calls.find(ACME, "sess_1", "call_1") == call
    assert stores.tool_calls.find(ACME, "sess_1", "call_3") is None
    assert stores.tool_calls.find(ACME, "sess_2", "call_1") is None
    for stranger in (OTHER, ACME_TEST):
        assert stores.tool_calls.find(stranger, "sess_1", "call_1") is None


def test_who_lost_the_session_asks_nothing(stores: Stores) -> None:
    session = owned(stores)

    with pytest.raises(FenceLost):
        ask(stores, session, a_tool_call(), fence=Fence("worker-2", 1))
    assert stores.tool_calls.find(ACME, "sess_1", "call_1") is None


def test_a_call_is_asked_once(stores: Stores) -> None:
    session = ask(stores, owned(stores), a_tool_call())

    with pytest.raises(WriteConflict):
        ask(stores, session, a_tool_call(name="other"))
    found = stores.sessions.find(ACME, "sess_1")
    assert found is not None
    assert found.version == session.version
    assert stores.tool_calls.find(ACME, "sess_1", "call_1") == a_tool_call()


@pytest.mark.parametrize("result", [None, True, 0, 1.5, "ü", [1, {"a": None}], {"state": "sent"}])
def test_an_answer_takes_the_place_of_the_pending_call(stores: Stores, result: object) -> None:
    ask(stores, owned(stores), a_tool_call())
    call = answered(a_tool_call(), result, failed=result == "ü")

    assert stores.tool_calls.close(ACME, call)
    assert stores.tool_calls.find(ACME, "sess_1", "call_1") == call


def test_what_is_closed_stays_as_it_is(stores: Stores) -> None:
    session = ask(stores, owned(stores), a_tool_call())
    first = answered(a_tool_call(), "first")
    assert stores.tool_calls.close(ACME, first)

    assert not stores.tool_calls.close(ACME, answered(a_tool_call(), "second"))
    with pytest.raises(WriteConflict):
        ask(stores, session, timed_out(a_tool_call()))
    assert stores.tool_calls.find(ACME, "sess_1", "call_1") == first


def test_what_was_never_asked_cannot_be_closed(stores: Stores) -> None:
    session = owned(stores)

    assert not stores.tool_calls.close(ACME, answered(a_tool_call(), 1))
    with pytest.raises(WriteConflict):
        ask(stores, session, timed_out(a_tool_call()))
    assert stores.tool_calls.find(ACME, "sess_1", "call_1") is None


def test_a_worker_closes_it_in_the_sessions_write(stores: Stores) -> None:
    session = ask(stores, owned(stores), a_tool_call())
    ask(stores, replace(session, seen_at=session.created_at + timedelta(seconds=1)), timed_out(a_tool_call()))

    assert stores.tool_calls.find(ACME, "sess_1", "call_1") == timed_out(a_tool_call())
    assert not stores.tool_calls.close(ACME, answered(a_tool_call(), 1))


def test_of_fifty_answers_at_once_one_counts(stores: Stores) -> None:
    ask(stores, owned(stores), a_tool_call())

    with ThreadPoolExecutor(16) as pool:
        counted = list(pool.map(lambda n: stores.tool_calls.close(ACME, answered(a_tool_call(), n)), range(50)))

    found = stores.tool_calls.find(ACME, "sess_1", "call_1")
    assert counted.count(True) == 1
    assert found == answered(a_tool_call(), counted.index(True))
