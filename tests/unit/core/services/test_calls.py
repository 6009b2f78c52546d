"""Answering calls to one's own numbers, and what carriers report of calls."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.legs import Direction, LegEnd, LegStatus, Report
from core.domain.organizations import Defaults, Organization
from core.domain.rotation import fixed
from core.domain.sessions import Channels, EndReason, Mode, ProviderStatus, Recording, Role, Session
from core.domain.telephony import Carrier, numbered
from core.errors import RateLimited
from core.ports import Commit
from core.services.calls import Busy, HangUp, Instruction, Target
from core.services.dialing import Dial
from core.services.streams import StreamService
from core.telephony_ports import Order
from tests.builders import ACME, ACME_TEST, OTHER
from tests.fakes.carriers import Answer
from tests.fakes.telephones import OURS, THEIRS, TOKEN_KEY, TelephoneWorld
from tests.fakes.telephony import a_telephony

RINGING, CONNECTED = Report(LegStatus.RINGING), Report(LegStatus.CONNECTED)
COMPLETED = Report(LegStatus.ENDED, LegEnd.COMPLETED)


class World(TelephoneWorld):
    def target(self, number: str = OURS, carrier: Carrier = Carrier.TWILIO) -> Target | None:
        return self.calls.target(carrier, None, number)

    def ring(self, call_id: str = "CA1", from_number: str = THEIRS) -> Instruction:
        target = self.target()
        assert target is not None
        return self.calls.answer(target, call_id, OURS, from_number)

    def answered(self) -> Session:
        instruction = self.ring()
        assert isinstance(instruction, Order)
        return self.stored(instruction.leg.session_id)

    def report(self, report: Report, call_id: str = "CA1") -> None:
        target = self.target()
        assert target is not None
        self.calls.report(target, call_id, report)

    def defaults(self, **more: object) -> None:
        self.access.put_organization(Organization("org_acme", "Acme", defaults=Defaults(**more)))  # type: ignore[arg-type]

    def number(self, **more: object) -> None:
        telephony = self.telephony.of(ACME)
        self.telephony.put(ACME, numbered(telephony, replace(telephony.numbers[OURS], **more)))  # type: ignore[arg-type]


@pytest.fixture
def world() -> World:
    return World()


def test_a_call_to_our_number_gets_a_session_with_the_organizations_defaults(world: World) -> None:
    world.defaults(
        source_language="de", target_language="en", recording=Recording(True, Channels.MONO), webhook_url="https://x.y"
    )
    instruction = world.ring()
    assert isinstance(instruction, Order)
    session = world.stored(instruction.leg.session_id)
    assert (session.mode, session.source_language, session.target_language) == (
        Mode.BIDIRECTIONAL_TRANSLATION,
        "de",
        "en",
    )
    assert (session.recording, session.webhook_url) == (Recording(True, Channels.MONO), "https://x.y")
    assert instruction.stream_url.endswith(f"/v1/sessions/{session.id}/connect")
    assert instruction.token.startswith("kst_live_")
    assert instruction.return_url == "https://api.example.com/v1/telephony/twilio/voice"


def test_its_telephone_is_connected_and_told(world: World) -> None:
    session = world.answered()
    leg = world.leg(session.id)
    assert (leg.direction, leg.status, leg.call_id, leg.participant) == (
        Direction.INBOUND,
        LegStatus.CONNECTED,
        "CA1",
        "customer",
    )
    assert session.provider is not None
    assert (session.provider.status, session.provider.phone_number) == (ProviderStatus.CONNECTED, OURS)
    assert session.provider.details == {
        "direction": "inbound",
        "connection_id": "pcon_1",
        "from": THEIRS,
        "call_sid": "CA1",
    }
    assert world.told() == ["session.created", "session.provider.connected"]


def test_what_a_number_is_set_to_comes_before_the_organizations_defaults(world: World) -> None:
    world.number(
        mode=Mode.ASSISTIVE_TRANSLATION, source_language="fr", recording=Recording(True), participant=Role.AGENT
    )
    session = world.answered()
    assert (session.mode, session.source_language, session.target_language) == (
        Mode.ASSISTIVE_TRANSLATION,
        "fr",
        "en",
    )
    assert session.recording.enabled
    assert world.leg(session.id).participant == "agent"


def test_a_carrier_that_asks_again_gets_the_same_session_and_a_fresh_token(world: World) -> None:
    first = world.ring()
    world.clock.advance(45 * 60)
    second = world.ring()
    assert isinstance(first, Order) and isinstance(second, Order)
    assert first.leg.session_id == second.leg.session_id
    assert first.token != second.token
    assert world.told().count("session.created") == 1


def test_a_carrier_that_asks_many_times_at_once_gets_one_session(world: World) -> None:
    gate = threading.Barrier(8)

    def ring(_: int) -> str:
        gate.wait(10)
        instruction = world.ring()
        assert isinstance(instruction, Order)
        return instruction.leg.session_id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ring, range(8)))) == 1
    assert world.told().count("session.created") == 1


def test_another_call_gets_another_session(world: World) -> None:
    first, second = world.ring("CA1"), world.ring("CA2")
    assert isinstance(first, Order) and isinstance(second, Order)
    assert first.leg.session_id != second.leg.session_id


def test_a_caller_who_hides_is_answered_too(world: World) -> None:
    instruction = world.ring(from_number="")
    assert isinstance(instruction, Order)
    provider = world.stored(instruction.leg.session_id).provider
    assert provider is not None and "from" not in provider.details


def test_when_the_session_is_over_the_call_is_hung_up(world: World) -> None:
    session = world.answered()
    world.service.end(ACME, session.id, EndReason.COMPLETED)
    assert world.ring() == HangUp()
    assert world.internal() == [("internal.hangup_requested", {})]


def test_within_the_reconnect_window_the_stream_comes_back_and_not_after_it(world: World) -> None:
    session = world.answered()
    world.workers.beat("worker-1", world.clock.now())
    streams = StreamService(world.changes, world.workers, fixed(TOKEN_KEY), "worker-1")
    streams.leave(streams.attach(session))
    world.clock.advance(timedelta(minutes=5).total_seconds() - 1)
    assert isinstance(world.ring(), Order)
    world.clock.advance(1)
    assert world.ring() == HangUp()


@pytest.mark.parametrize("defaults", [Defaults(), Defaults("de", None), Defaults(None, "en")])
def test_a_number_without_languages_is_busy(world: World, defaults: Defaults) -> None:
    world.access.put_organization(Organization("org_acme", "Acme", defaults=defaults))
    assert world.ring() == Busy()
    assert world.told() == []


def test_a_suspended_organization_is_busy(world: World) -> None:
    world.access.put_organization(Organization("org_acme", "Acme", active=False, defaults=Defaults("de", "en")))
    assert world.ring() == Busy()


def test_an_organization_at_its_limit_is_busy(world: World) -> None:
    commit = world.sessions.commit

    def refused(_: Commit) -> Session:
        raise RateLimited("too_many_sessions", "as many as it may")

    world.sessions.commit = refused  # type: ignore[method-assign, assignment]
    assert world.ring() == Busy()
    world.sessions.commit = commit  # type: ignore[method-assign]
    assert isinstance(world.ring(), Order)


def test_a_number_leads_to_its_tenant_and_only_at_its_own_carrier(world: World) -> None:
    world.telephony.put(OTHER, a_telephony("+34910000000", "pcon_9", Carrier.TELNYX))
    ours, theirs = world.target(), world.target("+34910000000", Carrier.TELNYX)
    assert ours is not None and theirs is not None
    assert (ours.tenant, theirs.tenant, theirs.connection.id) == (ACME, OTHER, "pcon_9")
    assert world.target("+34910000000", Carrier.TWILIO) is None
    assert world.target("+10000000") is None


def test_a_leg_that_a_request_names_leads_to_its_own_connection(world: World) -> None:
    session = world.session()
    world.dialing.dial(ACME, session.id, Dial(THEIRS))
    leg_id = world.leg(session.id).id
    target = world.calls.target(Carrier.TWILIO, (session.id, leg_id), "+10000000")
    assert target is not None
    assert (target.tenant, target.connection.id, target.place and target.place.leg_id) == (ACME, "pcon_1", leg_id)
    for named in ((session.id, "leg_9"), ("sess_9", leg_id)):
        assert world.calls.target(Carrier.TWILIO, named, OURS) is None
    assert world.calls.target(Carrier.TELNYX, (session.id, leg_id), OURS) is None


def test_another_tenants_call_is_not_ours_even_under_its_name(world: World) -> None:
    world.telephony.put(OTHER, a_telephony("+34910000000"))
    world.access.put_organization(Organization("org_other", "Other", defaults=Defaults("es", "en")))
    theirs = world.target("+34910000000")
    assert theirs is not None
    instruction = world.calls.answer(theirs, "CA1", "+34910000000", THEIRS)
    assert isinstance(instruction, Order)
    world.report(COMPLETED)
    assert world.leg(instruction.leg.session_id, OTHER).is_live


def dialed(world: World, *answers: Answer) -> tuple[Session, Target]:
    session = world.session()
    world.dialing.dial(ACME, session.id, Dial(THEIRS))
    world.line.answers = list(answers)
    leg_id = world.leg(session.id).id
    world.placing.place(ACME, session.id, leg_id)
    target = world.calls.target(Carrier.TWILIO, (session.id, leg_id), "")
    assert target is not None
    return session, target


def test_reports_drive_the_provider_and_its_events(world: World) -> None:
    session, target = dialed(world)
    for report, status in (
        (RINGING, ProviderStatus.PENDING),
        (CONNECTED, ProviderStatus.CONNECTED),
        (RINGING, ProviderStatus.CONNECTED),
        (COMPLETED, ProviderStatus.DISCONNECTED),
        (CONNECTED, ProviderStatus.DISCONNECTED),
    ):
        world.calls.report(target, "CA1", report)
        provider = world.stored(session.id).provider
        assert provider is not None and provider.status is status
    assert world.told() == ["session.provider.connected", "session.provider.disconnected"]


def test_the_first_report_of_a_call_whose_answer_was_lost_names_it(world: World) -> None:
    session, target = dialed(world, Answer.LOST)
    assert world.leg(session.id).call_id is None
    world.calls.report(target, "CA1", RINGING)
    assert (world.leg(session.id).call_id, world.leg(session.id).status) == ("CA1", LegStatus.RINGING)


def test_a_second_call_for_one_leg_is_not_taken_and_its_caller_hears_nothing(world: World) -> None:
    session, target = dialed(world)
    world.calls.report(target, "CA-second", CONNECTED)
    assert world.leg(session.id).status is LegStatus.DIALING
    assert world.calls.answer(target, "CA-second", THEIRS, OURS) == HangUp()
    assert isinstance(world.calls.answer(target, "CA1", THEIRS, OURS), Order)


def test_a_call_that_is_reported_after_the_end_is_hung_up(world: World) -> None:
    session, target = dialed(world, Answer.LOST)
    world.service.end(ACME, session.id, EndReason.COMPLETED)
    before = len(world.internal())
    world.calls.report(target, "CA1", CONNECTED)
    assert world.internal()[before:] == [("internal.hangup_requested", {})]
    assert world.placing.hang_up(ACME, session.id)
    assert world.line.hung_up == ["CA1"]


def test_a_dialed_call_comes_back_to_its_own_session(world: World) -> None:
    session, target = dialed(world)
    instruction = world.calls.answer(target, "CA1", THEIRS, OURS)
    assert isinstance(instruction, Order)
    assert instruction.leg.session_id == session.id
    assert instruction.return_url.endswith(f"/voice?leg={session.id}.{instruction.leg.id}")


def test_a_caller_who_hangs_up_leaves_the_session_open(world: World) -> None:
    session = world.answered()
    world.report(COMPLETED)
    stored = world.stored(session.id)
    assert stored.provider is not None
    assert (stored.provider.status, stored.is_closed) == (ProviderStatus.DISCONNECTED, False)


def test_a_report_of_a_call_that_nobody_knows_changes_nothing(world: World) -> None:
    world.report(COMPLETED, "CA-unknown")
    assert world.sessions.events == []
    assert world.calls.target(Carrier.TWILIO, None, OURS) == Target(
        ACME, world.telephony.of(ACME).connections["pcon_1"]
    )
    assert world.telephony.of(ACME_TEST).numbers == {}
