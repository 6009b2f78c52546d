"""The life of a session, derived from its table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from core.domain.access import Tenant
from core.domain.sessions import (
    TRANSITIONS,
    EndReason,
    IllegalTransition,
    Mode,
    Participant,
    Provider,
    ProviderStatus,
    Recording,
    Role,
    Session,
    Status,
    Trigger,
    claim,
    end,
    flushed,
    join,
    leave,
    seen,
    start,
    step,
)
from tests.fakes.clocks import START


def a_session(**changes: object) -> Session:
    session = Session(
        id="sess_1",
        tenant=Tenant("org_1", True),
        mode=Mode.BIDIRECTIONAL_TRANSLATION,
        created_at=START,
        source_language="de",
        target_language="en",
    )
    return replace(session, **changes)  # type: ignore[arg-type]  # the builder takes any field


@pytest.mark.parametrize(("status", "trigger"), list(product(Status, Trigger)))
def test_every_pair_of_status_and_trigger_is_what_the_table_says(status: Status, trigger: Trigger) -> None:
    session = a_session(status=status)

    if (status, trigger) in TRANSITIONS:
        assert step(session, trigger).status is TRANSITIONS[status, trigger]
    else:
        with pytest.raises(IllegalTransition):
            step(session, trigger)


def test_every_status_but_the_first_can_be_reached_and_only_the_last_is_final() -> None:
    reached = set(TRANSITIONS.values())
    left = {status for status, _ in TRANSITIONS}

    assert reached == set(Status) - {Status.CREATED}
    assert left == set(Status) - {Status.ENDED}


def test_a_whole_call_walks_through_every_status() -> None:
    session = a_session(provider=Provider("twilio"), recording=Recording(enabled=True))

    connecting = join(claim(session, "worker-1"))
    active = start(connecting, START + timedelta(seconds=15), "rec_1")
    ending = end(active, EndReason.CUSTOMER_HANGUP, START + timedelta(seconds=260.3))
    ended = flushed(ending)

    assert [s.status for s in (connecting, active, ending, ended)] == [
        Status.CONNECTING,
        Status.ACTIVE,
        Status.ENDING,
        Status.ENDED,
    ]
    assert (connecting.owner, connecting.epoch) == ("worker-1", 1)
    assert active.recording.id == "rec_1"
    assert ended.duration_s(START + timedelta(days=1)) == pytest.approx(245.3)
    assert ended.provider is not None
    assert ended.provider.status is ProviderStatus.DISCONNECTED


def test_a_recording_id_is_given_only_where_a_recording_is_wanted() -> None:
    assert start(join(a_session()), START, "rec_1").recording.id is None


def test_the_duration_runs_while_the_session_is_active_and_is_zero_before() -> None:
    active = start(join(a_session()), START, "rec_1")

    assert a_session().duration_s(START + timedelta(seconds=9)) == 0.0
    assert active.duration_s(START + timedelta(seconds=9)) == 9.0


def test_the_end_is_fixed_when_ending_begins_and_the_first_reason_stays() -> None:
    ending = end(a_session(), EndReason.ERROR, START + timedelta(seconds=3))

    assert flushed(ending).ended_at == START + timedelta(seconds=3)
    with pytest.raises(IllegalTransition):
        end(ending, EndReason.COMPLETED, START)


def test_leaving_opens_the_reconnect_window_and_joining_closes_it() -> None:
    left = leave(start(join(a_session()), START, "rec_1"), START + timedelta(seconds=9))

    assert left.disconnected_at == START + timedelta(seconds=9)
    assert join(left).disconnected_at is None
    assert join(left).status is Status.ACTIVE


def test_when_an_owner_was_seen_moves_forward_only_and_in_steps() -> None:
    session = seen(a_session(), START + timedelta(seconds=60))

    assert session.seen_at == START + timedelta(seconds=60)
    assert seen(session, START) is session
    assert seen(session, START + timedelta(seconds=119), timedelta(seconds=60)) is session
    assert seen(session, START + timedelta(seconds=61)).seen_at == START + timedelta(seconds=61)


def test_leaving_a_session_that_is_closed_changes_nothing() -> None:
    ending = end(a_session(), EndReason.COMPLETED, START)

    assert leave(ending, START) is ending


def test_a_participants_own_language_comes_before_the_sessions() -> None:
    session = a_session(participants=(Participant(Role.AGENT, "fr"),))

    assert session.language_of(Role.AGENT) == "fr"
    assert session.language_of(Role.CUSTOMER) == "de"
    assert Role.AGENT.other is Role.CUSTOMER
