"""What is told of a session's telephony, whoever changes it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from core.domain.events import EventType
from core.domain.leg_views import telephoned
from core.domain.legs import Leg, LegStatus, Report, reported
from core.domain.sessions import EndReason, Provider, ProviderStatus, Session, Timeouts, end, flushed, join
from core.services.changes import Changes
from tests.builders import a_leg, a_session
from tests.fakes.clocks import START, FakeClock, SequenceIds
from tests.fakes.stores import MemorySessions


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.changes = Changes(MemorySessions(self.clock), self.clock, SequenceIds(), Timeouts())

    def told(self, before: Session | None, after: Session, *more: EventType) -> list[str]:
        commit = self.changes.commit_of(before, after, *((kind, None) for kind in more))
        assert [e.sequence for e in commit.events if not e.type.is_internal] == [
            before.event_sequence + n if before else n
            for n in range(1, 1 + sum(not e.type.is_internal for e in commit.events))
        ]
        return [event.type.value for event in commit.events]


@pytest.fixture
def world() -> World:
    return World()


def connected(leg: Leg) -> Leg:
    return reported(leg, Report(LegStatus.CONNECTED), START)


def test_a_connected_telephone_is_told_once(world: World) -> None:
    before, after = telephoned(a_session(), [a_leg()]), telephoned(a_session(), [connected(a_leg())])
    assert world.told(a_session(), before) == []
    assert world.told(before, after) == ["session.provider.connected"]
    assert world.told(after, after) == []


def test_a_customers_own_telephony_is_told_with_its_first_stream_and_its_end(world: World) -> None:
    session = a_session(provider=Provider("twilio"))
    assert world.told(session, join(session)) == ["session.provider.connected"]
    ending = end(join(session), EndReason.COMPLETED, START)
    assert world.told(ending, flushed(ending), EventType.SESSION_ENDED) == [
        "session.provider.disconnected",
        "session.ended",
    ]


def test_a_session_without_telephony_tells_nothing_of_it(world: World) -> None:
    ending = end(join(a_session()), EndReason.COMPLETED, START)
    assert world.told(ending, flushed(ending)) == []


def test_the_event_shows_the_session_as_it_is_now(world: World) -> None:
    before, after = telephoned(a_session(), [a_leg()]), telephoned(a_session(), [connected(a_leg())])
    (event,) = world.changes.commit_of(before, after).events
    assert event.data["provider"]["status"] == ProviderStatus.CONNECTED.value


def test_a_call_that_came_in_is_connected_after_its_session_was_created(world: World) -> None:
    session = telephoned(a_session(), [connected(a_leg())])
    assert world.told(None, session, EventType.SESSION_CREATED) == ["session.created", "session.provider.connected"]


def test_whoever_ends_a_session_with_telephone_legs_has_them_hung_up(world: World) -> None:
    session = telephoned(a_session(), [connected(a_leg())])
    ending = end(session, EndReason.TIMEOUT, START)
    assert world.told(session, ending) == ["internal.hangup_requested"]
    assert world.told(session, flushed(ending)) == ["internal.hangup_requested", "session.provider.disconnected"]
    assert world.told(ending, flushed(ending)) == ["session.provider.disconnected"]
    assert world.told(a_session(), end(a_session(), EndReason.TIMEOUT, START)) == []
