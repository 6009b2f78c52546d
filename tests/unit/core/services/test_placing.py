"""Never twice for one key: placing calls through lost answers, busy carriers, double deliveries and ends in between."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.domain.legs import ATTEMPT, PLACED_WITHIN, Leg, LegEnd, LegStatus, Report, placed, reported
from core.domain.sessions import EndReason, Session, end, flushed
from core.domain.telephony import Carrier
from core.errors import Conflict, Unavailable
from core.ports import Commit
from core.services.dialing import Dial
from core.services.placing import SENT_WITHIN, again
from tests.builders import ACME, OTHER, a_leg
from tests.fakes.carriers import Answer
from tests.fakes.clocks import START
from tests.fakes.telephones import OURS, THEIRS, TelephoneWorld

COME_AGAIN_S = 30.0


class World(TelephoneWorld):
    """One session with one promised leg."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.of = self.session()
        self.dialing.dial(ACME, self.of.id, Dial(THEIRS))

    @property
    def now(self) -> Leg:
        return self.leg(self.of.id)

    def place(self) -> bool:
        return self.placing.place(ACME, self.of.id, self.now.id)

    def place_until_done(self) -> int:
        """As the queue delivers it; how often it took."""
        for times in itertools.count(1):
            if self.place():
                return times
            assert times < 10
            self.clock.advance(COME_AGAIN_S)
        raise AssertionError

    def end(self) -> None:
        def ended(session: Session) -> Session:
            return flushed(end(session, EndReason.COMPLETED, self.clock.now()))

        self.changes.apply(self.stored(self.of.id), lambda s: self.changes.commit_of(s, ended(s)))

    def carrier_says(self, report: Report, call_id: str = "CA1") -> None:
        now = self.clock.now()
        self.legs.apply(self.of, self.now.id, lambda _, leg: reported(placed(leg, call_id), report, now))


@pytest.fixture
def world() -> World:
    return World()


def test_a_promised_call_is_placed_and_known_by_the_carriers_name(world: World) -> None:
    assert world.place()
    assert (world.now.status, world.now.call_id, world.now.attempted_at) == (LegStatus.DIALING, "CA1", None)
    (order,) = world.line.orders
    assert (order.leg.to_number, order.leg.from_number) == (THEIRS, OURS)
    assert order.stream_url == f"wss://stream.example.com/v1/sessions/{world.of.id}/connect"
    assert order.token.startswith("kst_live_")
    named = f"?leg={world.of.id}.{world.now.id}"
    assert order.status_url == f"https://api.example.com/v1/telephony/twilio/status{named}"
    assert order.return_url == f"https://api.example.com/v1/telephony/twilio/voice{named}"


def test_an_event_that_comes_twice_places_one_call(world: World) -> None:
    assert [world.place() for _ in range(3)] == [True] * 3
    assert len(world.line.calls) == 1


def test_an_attempt_is_written_down_before_it_is_sent(world: World) -> None:
    seen: list[Leg] = []
    world.line.before = lambda: seen.append(world.now)
    world.place()
    assert [leg.attempted_at for leg in seen] == [world.clock.now()]


def test_whoever_comes_while_another_is_at_it_keeps_off(world: World) -> None:
    outcomes: list[bool] = []

    def meanwhile() -> None:
        world.line.before = lambda: None
        outcomes.append(world.place())
        world.clock.advance(ATTEMPT.total_seconds() - 1)
        outcomes.append(world.place())

    world.line.before = meanwhile
    assert world.place()
    assert (outcomes, len(world.line.calls)) == ([False, False], 1)


def test_many_at_once_place_one_call(world: World) -> None:
    gate, placers = threading.Barrier(12), [world.placer() for _ in range(12)]

    def run(placing: object) -> bool:
        gate.wait(10)
        return again(lambda: placing.place(ACME, world.of.id, world.now.id))  # type: ignore[attr-defined]

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(run, placers))
    assert len(world.line.calls) == 1
    assert world.now.call_id == "CA1"


def test_a_call_whose_answer_was_lost_is_found_and_not_placed_again(world: World) -> None:
    world.line.answers = [Answer.LOST]
    assert not world.place()
    assert (world.now.status, world.now.call_id) == (LegStatus.REQUESTED, None)
    assert not world.place(), "the command may still be on its way"
    world.clock.advance(COME_AGAIN_S)
    assert world.place()
    assert (world.now.call_id, len(world.line.calls), len(world.line.orders)) == ("CA1", 1, 1)


def test_a_command_that_was_lost_itself_is_sent_again_after_a_look(world: World) -> None:
    world.line.answers = [Answer.DROPPED]
    assert world.place_until_done() == 2
    assert (world.now.call_id, len(world.line.calls), len(world.line.orders)) == ("CA1", 1, 2)


def test_what_the_carrier_does_not_show_is_not_placed_again_when_it_would_not_recognise_it(world: World) -> None:
    """Three lost answers in a row, and a list that shows nothing: the last attempt is the one within the minute."""
    world.line.answers, world.line.hidden = [Answer.LOST] * 9, True
    assert world.place_until_done() == 4
    assert len(world.line.orders) == 2
    assert (world.now.status, world.now.ended_as) == (LegStatus.ENDED, LegEnd.UNCONFIRMED)


def test_a_report_settles_the_doubt_before_anybody_looks(world: World) -> None:
    world.line.answers = [Answer.LOST]
    world.place()
    world.carrier_says(Report(LegStatus.RINGING))
    world.clock.advance(COME_AGAIN_S)
    world.line.unreachable = True
    assert world.place()
    assert (world.now.status, len(world.line.orders)) == (LegStatus.RINGING, 1)


def test_a_report_that_comes_between_the_look_and_the_last_word_wins(world: World) -> None:
    world.line.answers, world.line.hidden = [Answer.LOST], True
    world.place()
    world.clock.advance(PLACED_WITHIN.total_seconds())
    world.line.asked = lambda: world.carrier_says(Report(LegStatus.CONNECTED))
    assert not world.place()
    assert (world.now.status, world.now.ended_as) == (LegStatus.CONNECTED, None)
    assert world.place()


def test_a_carrier_that_cannot_be_asked_leaves_the_doubt_until_it_is_too_late(world: World) -> None:
    world.line.answers, world.line.unreachable = [Answer.LOST], True
    assert world.place_until_done() == 4
    assert (world.now.ended_as, len(world.line.orders)) == (LegEnd.UNCONFIRMED, 1)


def test_of_several_calls_that_it_may_be_none_is_taken_and_none_is_placed(world: World) -> None:
    world.line.answers, world.line.strangers = [Answer.LOST], ["CA-stranger"]
    assert world.place_until_done() == 4
    assert (world.now.ended_as, len(world.line.orders)) == (LegEnd.UNCONFIRMED, 1)


def test_a_call_of_another_leg_is_not_taken_for_this_one(world: World) -> None:
    other = world.session()
    world.dialing.dial(ACME, other.id, Dial(THEIRS))
    world.placing.place(ACME, other.id, world.leg(other.id).id)
    world.line.answers = [Answer.DROPPED]
    assert world.place_until_done() == 2
    assert (world.leg(other.id).call_id, world.now.call_id) == ("CA1", "CA2")


def test_a_busy_carrier_is_asked_again_at_once_and_then_later(world: World) -> None:
    world.line.answers = [Answer.BUSY, Answer.BUSY]
    assert world.place()
    assert (len(world.line.orders), len(world.line.calls)) == (3, 1)

    again = World()
    again.line.answers = [Answer.BUSY] * 3
    assert not again.place()
    assert again.now.attempted_at is None, "it was certainly not placed"
    assert again.place()
    assert len(again.line.calls) == 1


def test_a_carrier_that_stays_busy_too_long_is_given_up(world: World) -> None:
    world.line.answers = [Answer.BUSY] * 99
    world.place_until_done()
    assert (world.now.ended_as, world.line.calls) == (LegEnd.FAILED, [])


def test_a_refusal_is_the_end_and_told(world: World) -> None:
    world.line.answers = [Answer.REFUSED]
    assert world.place()
    assert (world.now.status, world.now.ended_as) == (LegStatus.ENDED, LegEnd.REFUSED)
    provider = world.stored(world.of.id).provider
    assert provider is not None
    assert (provider.status, provider.details["reason"]) == ("disconnected", "refused")
    assert world.told() == ["session.provider.disconnected"]


def test_without_credentials_nothing_is_dialed(world: World) -> None:
    world.secrets.held.clear()
    assert world.place()
    assert (world.now.ended_as, world.line.orders) == (LegEnd.REFUSED, [])


def test_a_call_that_nobody_waits_for_any_more_is_not_placed(world: World) -> None:
    world.clock.advance(PLACED_WITHIN.total_seconds())
    assert world.place()
    assert (world.now.ended_as, world.line.orders) == (LegEnd.FAILED, [])


def test_who_was_held_up_between_writing_and_sending_does_not_send(world: World) -> None:
    commit = world.sessions.commit

    def slow(made):  # type: ignore[no-untyped-def]
        stored = commit(made)
        world.clock.advance(SENT_WITHIN.total_seconds() + 0.1)
        return stored

    world.sessions.commit = slow  # type: ignore[method-assign]
    assert not world.place()
    world.sessions.commit = commit  # type: ignore[method-assign]
    assert (world.line.orders, world.now.attempted_at) == ([], None)
    assert world.place()
    assert len(world.line.calls) == 1


def test_an_end_before_the_call_cancels_it(world: World) -> None:
    world.end()
    assert world.place()
    assert (world.now.ended_as, world.line.orders) == (LegEnd.CANCELED, [])


def test_an_end_while_the_call_is_placed_hangs_it_up(world: World) -> None:
    world.line.before = world.end
    assert world.place()
    assert world.internal()[-1] == ("internal.hangup_requested", {})
    assert world.placing.hang_up(ACME, world.of.id)
    assert (world.line.hung_up, world.now.ended_as) == (["CA1"], LegEnd.CANCELED)


def test_an_end_while_the_answer_is_lost_hangs_up_what_is_found(world: World) -> None:
    world.line.answers = [Answer.LOST]
    world.place()
    world.end()
    assert not world.placing.hang_up(ACME, world.of.id)
    world.clock.advance(COME_AGAIN_S)
    assert world.place()
    assert world.internal()[-1] == ("internal.hangup_requested", {})
    assert world.placing.hang_up(ACME, world.of.id)
    assert (world.line.hung_up, world.now.is_live) == (["CA1"], False)


def test_an_end_after_a_lost_command_dials_nobody(world: World) -> None:
    world.line.answers = [Answer.DROPPED]
    world.place()
    world.end()
    world.clock.advance(COME_AGAIN_S)
    assert world.place()
    assert (world.now.ended_as, world.line.calls) == (LegEnd.CANCELED, [])


def test_an_end_hangs_up_every_live_leg_and_asks_for_it_by_itself(world: World) -> None:
    world.place()
    world.carrier_says(Report(LegStatus.CONNECTED))
    world.dialing.dial(ACME, world.of.id, Dial("+4930999"))
    assert not world.placing.hang_up(ACME, world.of.id) or world.line.hung_up == []
    world.end()
    assert world.internal()[-1] == ("internal.hangup_requested", {})
    assert world.placing.hang_up(ACME, world.of.id)
    first, second = world.sessions.legs(ACME, world.of.id)
    assert (first.ended_as, second.ended_as, world.line.hung_up) == (LegEnd.COMPLETED, LegEnd.CANCELED, ["CA1"])


def test_a_carrier_that_cannot_be_reached_is_asked_again_to_hang_up(world: World) -> None:
    world.place()
    world.end()
    world.line.unreachable = True
    assert not world.placing.hang_up(ACME, world.of.id)
    assert world.now.is_live
    world.line.unreachable = False
    assert world.placing.hang_up(ACME, world.of.id)
    assert not world.now.is_live


def test_a_live_session_hangs_nobody_up(world: World) -> None:
    world.place()
    assert world.placing.hang_up(ACME, world.of.id)
    assert (world.line.hung_up, world.now.is_live) == ([], True)


def test_a_call_by_sip_is_its_gateways(world: World) -> None:
    """Neither dialed here nor hung up: no carrier knows of it."""
    session = world.session(lambda session: end(session, EndReason.COMPLETED, START))
    ringing = a_leg("leg_1", session.id, carrier=Carrier.SIP, connection_id="")
    talking = a_leg("leg_2", session.id, carrier=Carrier.SIP, connection_id="", status=LegStatus.CONNECTED, call_id="a")
    world.sessions.commit(Commit(session, session.version, None, legs=(ringing, talking)))

    assert world.placing.place(ACME, session.id, "leg_1")
    assert world.placing.hang_up(ACME, session.id)
    assert world.sessions.legs(ACME, session.id) == [ringing, talking]
    assert world.line.hung_up == []


def test_what_is_not_there_is_done(world: World) -> None:
    assert world.placing.place(ACME, "sess_none", "leg_1")
    assert world.placing.place(ACME, world.of.id, "leg_none")
    assert world.placing.place(OTHER, world.of.id, world.now.id)
    assert world.placing.hang_up(OTHER, world.of.id)
    assert world.line.orders == []


def test_a_lost_race_or_a_silent_table_means_come_again() -> None:
    def raising(error: Exception) -> bool:
        def work() -> bool:
            raise error

        return again(work)

    assert not raising(Conflict("session_busy", "busy"))
    assert not raising(Unavailable("dependency_unavailable", "away"))
    assert again(lambda: True)
    with pytest.raises(ValueError, match="a bug"):
        raising(ValueError("a bug"))


def test_a_call_that_was_placed_while_the_table_was_away_is_found_later(world: World) -> None:
    commit, fails = world.sessions.commit, [False, True]

    def sometimes(made):  # type: ignore[no-untyped-def]
        if fails and fails.pop(0):
            raise Unavailable("dependency_unavailable", "away")
        return commit(made)

    world.sessions.commit = sometimes  # type: ignore[method-assign]
    assert not again(world.place)
    assert (len(world.line.calls), world.now.call_id) == (1, None)
    world.clock.advance(COME_AGAIN_S)
    assert world.place()
    assert (len(world.line.calls), world.now.call_id) == (1, "CA1")
