"""A call by SIP: who may come in, at what cost, and the leg it becomes."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain import digest
from core.domain.access import is_stream_token
from core.domain.digest import Algorithm, DigestResponse, answer, ha1
from core.domain.legs import MOST_LIVE, Direction, LegEnd, LegStatus
from core.domain.sessions import EndReason, Participant, Provider, ProviderStatus, Role, end, leave
from core.domain.sip import REALM
from core.domain.telephony import Carrier
from core.errors import Conflict, NotFound
from core.ports import Commit
from core.services.sip_calls import Admission, NotAllowed
from core.services.streams import SessionEnded
from core.telephony_ports import CallPlace
from tests.builders import ACME, OTHER, a_session
from tests.fakes.clocks import START
from tests.fakes.sip import CALLER, PASSWORD, TOKEN_KEY, SipWorld, a_credential
from tests.fakes.stores import MemorySessions

INSIDE = ("192.0.2.0/24",)


class CountingSessions(MemorySessions):
    reads = 0

    def find(self, *arguments: Any) -> Any:
        self.reads += 1
        return super().find(*arguments)

    def tenant_of(self, session_id: str) -> Any:
        self.reads += 1
        return super().tenant_of(session_id)


@pytest.fixture
def world() -> SipWorld:
    return SipWorld()


def admitted(world: SipWorld) -> Admission:
    return world.service.admission("sess_1", CALLER.source_host)


def place_of(world: SipWorld) -> CallPlace:
    (leg,) = world.sessions.legs(ACME, "sess_1")
    return CallPlace(ACME, "sess_1", leg.id)


def said(password: str = PASSWORD, username: str = "pbx", **more: Any) -> DigestResponse:
    algorithm = more.pop("algorithm", Algorithm.MD5)
    realm = more.pop("realm", REALM)
    made = answer(algorithm, ha1(algorithm, username, realm, password), "INVITE", "sip:x", "n", "00000001", "c")
    return replace(DigestResponse(username, realm, "n", "sip:x", made, algorithm, "c", "00000001", "INVITE"), **more)


def test_a_sessions_id_is_enough_until_its_tenant_has_set_something(world: SipWorld) -> None:
    session = world.session()
    admission = world.service.admission("sess_1", "203.0.113.9")
    assert (admission.session, admission.needs_digest, admission.realm) == (session, False, "kallglot")


def test_what_another_tenant_has_set_says_nothing(world: SipWorld) -> None:
    world.session()
    world.set(OTHER, networks=INSIDE, credentials={"sipc_1": a_credential()})
    assert not world.service.admission("sess_1", "203.0.113.9").needs_digest


@pytest.mark.parametrize(
    ("credentials", "networks", "host", "needs_digest"),
    [
        (True, (), "203.0.113.9", True),
        (False, INSIDE, "192.0.2.7", False),
        (True, INSIDE, "192.0.2.7", True),
        (True, INSIDE, "203.0.113.9", None),
        (False, INSIDE, "203.0.113.9", None),
    ],
)
def test_a_password_where_there_are_credentials_and_an_address_where_there_are_networks(
    world: SipWorld, credentials: bool, networks: tuple[str, ...], host: str, needs_digest: bool | None
) -> None:
    world.session()
    world.set(credentials={"sipc_pbx": a_credential()} if credentials else {}, networks=networks)
    if needs_digest is None:
        with pytest.raises(NotAllowed):
            world.service.admission("sess_1", host)
    else:
        assert world.service.admission("sess_1", host).needs_digest is needs_digest


@pytest.mark.parametrize(
    "asked", ["sess_1", "sess_2", "sess_3", "sess_unknown", "+4930123456", "", "sess_" + "x" * 999]
)
def test_whoever_asks_for_nobody_costs_the_same_reads(asked: str) -> None:
    world = SipWorld()
    world.sessions = counting = CountingSessions(world.clock)
    world.changes = replace(world.changes, sessions=counting)
    service = replace(world.service, changes=world.changes)
    world.session()
    world.session("sess_2", tenant=OTHER)
    counting.commit(Commit(end(a_session("sess_3"), EndReason.COMPLETED, START), None, None))

    counting.reads = world.store.reads = 0
    try:
        service.admission(asked, CALLER.source_host)
    except (NotFound, SessionEnded):
        assert asked not in ("sess_1", "sess_2")
    assert (counting.reads, world.store.reads) == (2, 1)


def test_who_is_not_allowed_does_not_hear_that_a_session_is_over(world: SipWorld) -> None:
    world.sessions.commit(Commit(end(a_session(), EndReason.COMPLETED, START), None, None))
    world.set(networks=INSIDE)
    with pytest.raises(NotAllowed):
        world.service.admission("sess_1", "203.0.113.9")
    with pytest.raises(SessionEnded):
        world.service.admission("sess_1", "192.0.2.7")


def test_a_session_that_waits_for_nobody_any_more_takes_no_call(world: SipWorld) -> None:
    world.sessions.commit(Commit(leave(a_session(), START), None, None))
    world.clock.advance(299)
    admission = admitted(world)
    world.clock.advance(1)
    with pytest.raises(SessionEnded):
        admitted(world)
    with pytest.raises(SessionEnded):
        world.service.connect(admission, CALLER)
    assert world.sessions.legs(ACME, "sess_1") == []


def test_a_call_is_a_leg_of_its_session(world: SipWorld) -> None:
    world.session()
    connected = world.service.connect(admitted(world), CALLER)

    (leg,) = world.sessions.legs(ACME, "sess_1")
    assert (leg.id, leg.carrier, leg.direction, leg.status) == (
        connected.leg_id, Carrier.SIP, Direction.INBOUND, LegStatus.CONNECTED,
    )  # fmt: skip
    assert (leg.to_number, leg.from_number, leg.call_id) == (
        "sip:sess_1@sip.example.com", "sip:alice@pbx.example.com", CALLER.call_id,
    )  # fmt: skip
    assert world.stored().provider == Provider(
        "sip",
        ProviderStatus.CONNECTED,
        details={"direction": "inbound", "from": "sip:alice@pbx.example.com", "sip_call_id": CALLER.call_id},
        managed=True,
    )
    assert world.told() == ["session.provider.connected"]


def test_a_session_that_was_made_for_sip_keeps_what_was_said_of_it(world: SipWorld) -> None:
    world.session(provider=Provider("sip", details={"transport": "tls", "from_uri": "sip:us@pbx.example.com"}))
    world.service.connect(admitted(world), CALLER)
    provider = world.stored().provider
    assert provider is not None
    assert (provider.status, provider.details["transport"], provider.details["from_uri"]) == (
        ProviderStatus.CONNECTED, "tls", "sip:us@pbx.example.com",
    )  # fmt: skip


def test_the_call_is_over_once(world: SipWorld) -> None:
    world.session()
    world.service.connect(admitted(world), CALLER)
    for reason in (LegEnd.COMPLETED, LegEnd.FAILED):
        world.service.over(place_of(world), reason)
        world.clock.advance(1)
    (leg,) = world.sessions.legs(ACME, "sess_1")
    assert (leg.status, leg.ended_as, leg.ended_at) == (LegStatus.ENDED, LegEnd.COMPLETED, START)
    assert world.told() == ["session.provider.connected", "session.provider.disconnected"]
    world.service.over(CallPlace(ACME, "sess_gone", "leg_gone"), LegEnd.COMPLETED)


def test_the_token_opens_the_sessions_stream_and_is_fresh_an_hour_later(world: SipWorld) -> None:
    session = world.session()
    admission = admitted(world)
    connected = world.service.connect(admission, CALLER)

    def opens(token: str) -> bool:
        return is_stream_token([TOKEN_KEY], token, ACME, "sess_1", session.created_at, world.clock.now())

    assert opens(connected.token)
    world.clock.advance(7200)
    assert not opens(connected.token)
    assert opens(world.service.token(admission)) and opens(world.service.token(place_of(world)))
    with pytest.raises(NotFound):
        world.service.token(CallPlace(OTHER, "sess_1", "leg_1"))
    assert connected.token not in repr(connected)


@pytest.mark.parametrize(
    ("named", "participant"),
    [(None, "customer"), ("agent", "agent"), ("p-7", "p-7"), ("nobody", "customer"), ("", "customer")],
)
def test_who_calls_is_a_customer_unless_a_header_names_one_of_the_session(
    world: SipWorld, named: str | None, participant: str
) -> None:
    world.session(participants=(Participant(Role.AGENT, "en", "p-7"),))
    assert world.service.connect(admitted(world), replace(CALLER, participant=named)).participant == participant
    assert world.sessions.legs(ACME, "sess_1")[0].participant == participant


def test_headers_become_metadata_beside_what_is_there(world: SipWorld) -> None:
    world.session(metadata={"sip_x_queue": "mine"})
    headers = {"X-Queue": "theirs", "X-Foo-Bar": " v ", "X-Kallglot-Participant": "agent"}
    world.service.connect(admitted(world), replace(CALLER, headers=headers))
    assert world.stored().metadata == {"sip_x_queue": "mine", "sip_x_foo_bar": "v"}


def test_a_session_has_so_many_calls_at_once(world: SipWorld) -> None:
    world.session()
    for _ in range(MOST_LIVE):
        world.service.connect(admitted(world), CALLER)
    with pytest.raises(Conflict) as refused:
        world.service.connect(admitted(world), CALLER)
    assert refused.value.code == "too_many_legs"


def test_a_call_that_comes_while_the_session_ends_is_refused(world: SipWorld) -> None:
    session = world.session()
    admission = admitted(world)
    world.sessions.commit(Commit(end(session, EndReason.COMPLETED, START), session.version, None))
    with pytest.raises(SessionEnded):
        world.service.connect(admission, CALLER)


def test_a_tenant_has_so_many_calls_at_once_and_a_refused_one_holds_no_place(world: SipWorld) -> None:
    world.session()
    world.set(max_calls=1)
    world.service.connect(admitted(world), CALLER)
    with pytest.raises(Conflict) as refused:
        world.service.connect(admitted(world), CALLER)
    assert refused.value.code == "too_many_calls"

    world.service.over(place_of(world), LegEnd.COMPLETED)
    assert world.leases.taken(ACME) == []
    session = world.stored()
    admission = admitted(world)
    world.sessions.commit(Commit(end(session, EndReason.COMPLETED, START), session.version, None))
    with pytest.raises(SessionEnded):
        world.service.connect(admission, CALLER)
    assert world.leases.taken(ACME) == []


def test_a_call_keeps_its_place_while_it_is_renewed_and_a_dead_gateways_call_loses_it(world: SipWorld) -> None:
    world.session()
    world.set(max_calls=1)
    world.service.connect(admitted(world), CALLER)
    for _ in range(3):
        world.clock.advance(100)
        world.service.renew([place_of(world)])
    with pytest.raises(Conflict):
        world.service.connect(admitted(world), CALLER)
    world.clock.advance(150)
    world.service.connect(admitted(world), CALLER)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_password_opens_by_both_algorithms(world: SipWorld, algorithm: Algorithm) -> None:
    world.session()
    world.set(credentials={"sipc_pbx": a_credential()})
    assert world.service.is_genuine(admitted(world), said(algorithm=algorithm))


@pytest.mark.parametrize(
    "wrong",
    [
        said("wrong"),
        said(username="nobody"),
        said(username=""),
        said(realm="elsewhere"),
        said(uri="sip:y"),
        said(method="BYE"),
        said(nonce="m"),
        said(response=""),
        said(response="é" * 32),
    ],
)
def test_anything_else_does_not(world: SipWorld, wrong: DigestResponse) -> None:
    world.session()
    world.set(credentials={"sipc_pbx": a_credential()})
    assert not world.service.is_genuine(admitted(world), wrong)


def test_another_tenants_password_does_not(world: SipWorld) -> None:
    world.session()
    world.set(credentials={"sipc_pbx": a_credential(password="ours")})
    world.set(OTHER, credentials={"sipc_pbx": a_credential(password="theirs")})
    assert world.service.is_genuine(admitted(world), said("ours"))
    assert not world.service.is_genuine(admitted(world), said("theirs"))


def test_the_password_before_is_good_for_a_while(world: SipWorld) -> None:
    world.session()
    before = a_credential(password="old")
    after = a_credential(password="new", previous=before.ha1s, previous_until=START + timedelta(hours=24))
    world.set(credentials={"sipc_pbx": after})
    for password, until in (("new", math.inf), ("old", 24)):
        assert world.service.is_genuine(admitted(world), said(password)), until
    world.clock.advance(24 * 3600)
    assert world.service.is_genuine(admitted(world), said("new"))
    assert not world.service.is_genuine(admitted(world), said("old"))


@pytest.mark.parametrize("username", ["pbx", "nobody"])
def test_an_unknown_username_costs_as_many_hashes_as_a_known_one(
    world: SipWorld, monkeypatch: pytest.MonkeyPatch, username: str
) -> None:
    world.session()
    world.set(credentials={"sipc_pbx": a_credential()})
    response, made = said(username=username), list[str]()

    def counted(algorithm: Algorithm, *parts: str) -> str:
        made.append(answer(algorithm, *parts))
        return made[-1]

    monkeypatch.setattr(digest, "answer", counted)
    world.service.is_genuine(admitted(world), response)
    assert len(made) == 2
