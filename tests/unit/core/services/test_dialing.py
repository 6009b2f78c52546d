"""A promised call: one leg for one key, by the right line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.access import Tenant
from core.domain.legs import MOST_LIVE, LegEnd, over
from core.domain.sessions import EndReason, Participant, Provider, ProviderStatus, Role, Session, end
from core.domain.sip import Sip, Trunk
from core.domain.telephony import Carrier, Connection, Number, Telephony
from core.errors import Conflict, IdempotencyKeyTaken, InvalidRequest, NotFound, ValidationFailed
from core.ports import Commit
from core.services.dialing import Dial, line_of
from core.services.idempotency import RequestKey
from tests.builders import ACME, ACME_TEST, OTHER, a_session
from tests.fakes.clocks import START
from tests.fakes.telephones import OURS, THEIRS, TelephoneWorld

KEY = RequestKey("POST /v1/sessions/<session_id>/dial", "key-1", "hash")
DIAL = Dial(THEIRS)


@pytest.fixture
def world() -> TelephoneWorld:
    return TelephoneWorld()


def test_a_dial_promises_a_leg_and_asks_for_it_to_be_placed(world: TelephoneWorld) -> None:
    session = world.session()
    answer = world.dialing.dial(ACME, session.id, DIAL, KEY)

    (leg,) = world.sessions.legs(ACME, session.id)
    assert (answer.status, answer.replayed) == (202, False)
    assert answer.body == {
        "id": leg.id, "object": "leg", "session_id": session.id, "direction": "outbound", "participant": "customer",
        "to": THEIRS, "from": OURS, "status": "requested",
        "provider": {"type": "twilio", "connection_id": "pcon_1"},
        "created_at": "2026-03-26T11:00:00Z", "connected_at": None, "ended_at": None,
    }  # fmt: skip
    assert world.internal() == [("internal.dial_requested", {"leg_id": leg.id, "carrier": "twilio"})]
    stored = world.stored(session.id)
    assert stored.provider == Provider(
        "twilio",
        ProviderStatus.PENDING,
        OURS,
        {"direction": "outbound", "connection_id": "pcon_1", "to": THEIRS},
        managed=True,
    )
    assert stored.leg_count == 1


def test_the_event_that_asks_for_it_carries_no_number(world: TelephoneWorld) -> None:
    world.dialing.dial(ACME, world.session().id, DIAL)
    asked = [event for event in world.sessions.events if event.type.is_internal]
    assert THEIRS not in repr(asked)


def test_a_repeat_is_answered_alike_and_promises_nothing_more(world: TelephoneWorld) -> None:
    session = world.session()
    first = world.dialing.dial(ACME, session.id, DIAL, KEY)
    world.clock.advance(60)
    second = world.dialing.dial(ACME, session.id, DIAL, KEY)
    assert (second.status, second.body, second.replayed) == (first.status, first.body, True)
    assert len(world.sessions.legs(ACME, session.id)) == len(world.internal()) == 1
    with pytest.raises(InvalidRequest) as refused:
        world.dialing.dial(ACME, session.id, Dial("+4930999"), replace(KEY, request_hash="other"))
    assert refused.value.code == "idempotency_mismatch"


def test_another_key_is_another_call(world: TelephoneWorld) -> None:
    session = world.session()
    for key in (KEY, replace(KEY, key="key-2"), None):
        world.dialing.dial(ACME, session.id, DIAL, key)
    assert len(world.sessions.legs(ACME, session.id)) == 3


def test_of_two_at_once_with_one_key_one_promises_and_both_are_answered(world: TelephoneWorld) -> None:
    session = world.session()
    commit = world.sessions.commit

    def overtaken(commit_: Commit) -> Any:
        world.sessions.commit = commit  # type: ignore[method-assign]
        world.dialing.dial(ACME, session.id, DIAL, KEY)
        raise IdempotencyKeyTaken("key-1")

    world.sessions.commit = overtaken  # type: ignore[method-assign, assignment]
    answer = world.dialing.dial(ACME, session.id, DIAL, KEY)
    (leg,) = world.sessions.legs(ACME, session.id)
    assert (answer.replayed, answer.body["id"]) == (True, leg.id)


@pytest.mark.parametrize("tenant", [OTHER, ACME_TEST])
def test_another_tenants_session_is_not_there(world: TelephoneWorld, tenant: Tenant) -> None:
    with pytest.raises(NotFound):
        world.dialing.dial(tenant, world.session().id, DIAL)


def test_a_session_that_is_over_dials_nobody(world: TelephoneWorld) -> None:
    session = world.session(lambda session: end(session, EndReason.COMPLETED, START))
    with pytest.raises(Conflict) as refused:
        world.dialing.dial(ACME, session.id, DIAL)
    assert refused.value.code == "session_ended"


def test_a_session_has_so_many_calls_at_once_and_more_when_one_is_over(world: TelephoneWorld) -> None:
    session = world.session()
    for _ in range(MOST_LIVE):
        world.dialing.dial(ACME, session.id, DIAL)
    with pytest.raises(Conflict) as refused:
        world.dialing.dial(ACME, session.id, DIAL)
    assert refused.value.code == "too_many_legs"
    leg = world.sessions.legs(ACME, session.id)[0]
    world.legs.apply(session, leg.id, lambda _, held: over(held, LegEnd.BUSY, START))
    world.dialing.dial(ACME, session.id, DIAL)


@pytest.mark.parametrize("named", ["customer", "agent", "agt-7"])
def test_the_call_is_for_a_role_or_a_participant(world: TelephoneWorld, named: str) -> None:
    session = world.session(lambda s: replace(s, participants=(Participant(Role.AGENT, "en", "agt-7"),)))
    answer = world.dialing.dial(ACME, session.id, replace(DIAL, participant=named))
    assert answer.body["participant"] == named


def test_nobody_is_called_for_a_participant_that_is_not_there(world: TelephoneWorld) -> None:
    with pytest.raises(ValidationFailed) as refused:
        world.dialing.dial(ACME, world.session().id, replace(DIAL, participant="agt-9"))
    assert (refused.value.code, refused.value.param) == ("invalid_field_value", "participant")


def the_line(provider: Provider | None, asked: str | None = None) -> tuple[str, str]:
    telephony = Telephony(
        {name: Connection(name, Carrier.TWILIO, name, name) for name in ("pcon_1", "pcon_2", "pcon_bare")},
        {"+1001": Number("+1001", "pcon_1"), "+1002": Number("+1002", "pcon_2"), "+1003": Number("+1003", "pcon_2")},
        "pcon_1",
    )
    connection, number = line_of(telephony, provider, asked)
    return connection.id, number


@pytest.mark.parametrize(
    ("provider", "asked", "line"),
    [
        (None, "+1003", ("pcon_2", "+1003")),
        (Provider("twilio", phone_number="+1003"), "+1001", ("pcon_1", "+1001")),
        (Provider("twilio", phone_number="+1003"), None, ("pcon_2", "+1003")),
        (Provider("twilio", details={"connection_id": "pcon_2"}), None, ("pcon_2", "+1002")),
        (Provider("twilio", phone_number="+1999", details={"connection_id": "pcon_2"}), None, ("pcon_2", "+1002")),
        (Provider("twilio", details={"connection_id": "pcon_bare"}), None, ("pcon_1", "+1001")),
        (Provider("sip"), None, ("pcon_1", "+1001")),
        (None, None, ("pcon_1", "+1001")),
    ],
)
def test_the_line_is_the_asked_number_then_the_sessions_then_the_default(
    provider: Provider | None, asked: str | None, line: tuple[str, str]
) -> None:
    assert the_line(provider, asked) == line


@pytest.mark.parametrize("asked", ["+1999", None])
def test_without_a_number_to_call_from_there_is_no_route(asked: str | None) -> None:
    with pytest.raises(ValidationFailed) as refused:
        line_of(Telephony(), None, asked)
    assert (refused.value.code, refused.value.param) == ("no_route", "from")
    assert "+1999" not in refused.value.message


def test_a_foreign_number_is_never_shown() -> None:
    with pytest.raises(ValidationFailed):
        the_line(Provider("twilio", phone_number="+1001"), "+1999")


def test_the_provider_that_a_customer_drives_itself_stays_while_we_dial(world: TelephoneWorld) -> None:
    theirs = Provider("twilio", details={"call_sid": "CA-theirs"})
    session = world.session(lambda session: replace(session, provider=theirs))
    world.dialing.dial(ACME, session.id, DIAL)
    assert (world.stored(session.id).provider, world.stored(session.id).leg_count) == (theirs, 1)
    assert a_session().leg_count == 0


TRUNK = Trunk("sip:trunk.example.com:5070", from_uri="sip:desk@acme.example")


def _by_sip(session: Session) -> Session:
    return replace(session, provider=Provider("sip", ProviderStatus.PENDING, None, {}, managed=True))


@pytest.mark.parametrize(
    ("to", "asked", "shown"),
    [
        ("sip:bob@example.com", None, "sip:desk@acme.example"),
        ("sip:bob@example.com:5080;user=phone", THEIRS, f"sip:{THEIRS}@acme.example"),
        (THEIRS, None, "sip:desk@acme.example"),
    ],
)
def test_a_sip_uri_and_a_number_of_a_session_by_sip_go_by_the_trunk(
    world: TelephoneWorld, to: str, asked: str | None, shown: str
) -> None:
    world.sip.put(ACME, Sip(trunk=TRUNK))
    session = world.session(_by_sip)
    world.dialing.dial(ACME, session.id, Dial(to, asked))
    leg = world.leg(session.id)
    assert (leg.carrier, leg.connection_id, leg.to_number, leg.from_number) == (Carrier.SIP, "", to, shown)
    assert world.internal() == [("internal.dial_requested", {"leg_id": leg.id, "carrier": "sip"})]
    assert world.placing.place(ACME, session.id, leg.id)
    assert world.leg(session.id) == leg


def test_a_number_of_a_carrier_is_called_from_by_that_carrier(world: TelephoneWorld) -> None:
    world.sip.put(ACME, Sip(trunk=TRUNK))
    session = world.session(_by_sip)
    world.dialing.dial(ACME, session.id, Dial(THEIRS, OURS))
    assert world.leg(session.id).carrier is Carrier.TWILIO


@pytest.mark.parametrize("trunk", [None, TRUNK])
def test_without_a_trunk_that_fits_a_sip_uri_has_no_route(world: TelephoneWorld, trunk: Trunk | None) -> None:
    world.sip.put(ACME, Sip(trunk=trunk))
    session = world.session()
    with pytest.raises(ValidationFailed) as raised:
        world.dialing.dial(ACME, session.id, Dial("sips:bob@example.com"))
    assert (raised.value.code, raised.value.param) == ("no_route", "to")
    assert world.internal() == []


def test_where_nobody_places_calls_by_sip_none_is_promised(world: TelephoneWorld) -> None:
    world.sip.put(ACME, Sip(trunk=TRUNK))
    session = world.session()
    with pytest.raises(ValidationFailed) as raised:
        replace(world.dialing, sip=None).dial(ACME, session.id, Dial("sip:bob@example.com"))
    assert raised.value.code == "no_route"


@pytest.mark.parametrize(
    "to",
    [
        "sip:bob",
        "sip:bob@",
        "sip:bob@host\r\nX: 1",
        "sip:bob@host>",
        "sip:bob@host?Subject=x",
        f"sip:{'b' * 300}@h.example",
    ],
)
def test_what_could_be_more_than_a_uri_is_refused(world: TelephoneWorld, to: str) -> None:
    world.sip.put(ACME, Sip(trunk=TRUNK))
    session = world.session()
    with pytest.raises(ValidationFailed) as raised:
        world.dialing.dial(ACME, session.id, Dial(to))
    assert raised.value.param == "to"
