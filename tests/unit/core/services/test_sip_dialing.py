from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.domain.access import Tenant
from core.domain.legs import Leg, LegEnd, LegStatus
from core.domain.sessions import Session, Status
from core.domain.sip import Sip, Trunk, TrunkCredentials
from core.domain.telephony import Carrier
from core.ports import Commit
from core.services.sip_dialing import Left, SipDialing, SipOrder
from core.services.streams import SessionEnded
from core.telephony_ports import CallPlace
from tests.builders import ACME, a_leg
from tests.fakes.sip import MemoryTrunkSecrets, SipWorld

PLACE = CallPlace(ACME, "sess_1", "leg_1")
TRUNK = Trunk("sip:trunk.example.com:5070", username="desk", from_uri="sip:desk@acme.example", secret="s/trunk")


@dataclass
class World(SipWorld):
    secrets: MemoryTrunkSecrets = field(default_factory=MemoryTrunkSecrets)

    def __post_init__(self) -> None:
        SipWorld.__post_init__(self)
        self.dialing = SipDialing(self.service, self.secrets)
        self.secrets.put("s/trunk", TrunkCredentials("desk", "pw"))
        self.set(trunk=TRUNK)

    def promised(self, **more: Any) -> Session:
        session = self.session()
        values = {"carrier": Carrier.SIP, "connection_id": "", "to_number": "sip:bob@example.com"}
        leg = a_leg(from_number="sip:desk@acme.example", **(values | more))
        return self.sessions.commit(Commit(session, session.version, None, legs=(leg,)))

    def claim(self, call_id: str = "call-1") -> SipOrder | Left:
        return self.dialing.claim(ACME, "sess_1", "leg_1", call_id)

    def leg(self) -> Leg:
        return self.sessions.legs(ACME, "sess_1")[0]

    def close(self) -> None:
        session = self.stored()
        ended = self.changes.commit_of(session, _ended(session, self))
        self.sessions.commit(ended)


def _ended(session: Session, world: World) -> Session:
    return replace(session, status=Status.ENDED, ended_at=world.clock.now())


def test_the_first_one_dials() -> None:
    world = World()
    world.promised()
    order = world.claim()
    assert isinstance(order, SipOrder)
    assert (order.to_uri, order.from_uri, order.participant) == (
        "sip:bob@example.com",
        "sip:desk@acme.example",
        "customer",
    )
    assert order.credentials == TrunkCredentials("desk", "pw")
    assert "pw" not in repr(order)
    assert (world.leg().status, world.leg().call_id) == (LegStatus.DIALING, "call-1")
    assert world.claim("call-2") is Left.LATER


def test_a_number_is_one_of_the_trunks() -> None:
    world = World()
    world.promised(to_number="+4930123456")
    order = world.claim()
    assert isinstance(order, SipOrder)
    assert order.to_uri == "sip:+4930123456@trunk.example.com:5070"


def test_of_many_gateways_one_dials() -> None:
    world = World()
    world.promised()
    gate, of = threading.Barrier(12), world.store.of

    def settings(tenant: Tenant) -> Sip:
        """Read between the look at the leg and its claim: by then all have seen a leg that nobody has attempted."""
        gate.wait(10)
        return of(tenant)

    world.store.of = settings  # type: ignore[method-assign]

    def claim(number: int) -> SipOrder | Left:
        return world.claim(f"call-{number}")

    with ThreadPoolExecutor(12) as pool:
        claimed = list(pool.map(claim, range(12)))
    orders = [order for order in claimed if isinstance(order, SipOrder)]
    assert len(orders) == 1
    assert world.leg().call_id == orders[0].call_id
    assert all(other is Left.LATER for other in claimed if other is not orders[0])


def test_of_an_attempt_whose_gateway_died_nothing_is_known_and_it_is_not_repeated() -> None:
    world = World()
    world.promised()
    world.claim()
    world.clock.advance(119)
    assert world.claim("call-2") is Left.LATER
    world.clock.advance(1)
    assert world.claim("call-2") is Left.NOTHING
    assert world.leg().ended_as is LegEnd.UNCONFIRMED


def test_a_call_that_is_connected_is_nobody_elses() -> None:
    world = World()
    world.promised()
    world.claim()
    world.dialing.ringing(PLACE)
    assert world.leg().status is LegStatus.RINGING
    world.dialing.answered(PLACE)
    world.dialing.ringing(PLACE)
    assert world.leg().status is LegStatus.CONNECTED
    assert world.leg().connected_at == world.clock.now()
    world.clock.advance(3600)
    assert world.claim("call-2") is Left.NOTHING
    assert world.leg().status is LegStatus.CONNECTED
    world.dialing.over(PLACE, LegEnd.COMPLETED)
    assert world.leg().ended_as is LegEnd.COMPLETED


@pytest.mark.parametrize("missing", ["trunk", "password", "place"])
def test_what_the_settings_do_not_allow_any_more_is_refused(missing: str) -> None:
    world = World()
    world.promised()
    if missing == "trunk":
        world.set(trunk=None)
    elif missing == "password":
        world.secrets.remove("s/trunk")
    else:
        world.set(max_calls=0)
    assert world.claim() is Left.NOTHING
    assert world.leg().ended_as is LegEnd.REFUSED


def test_a_call_that_came_too_late_fails() -> None:
    world = World()
    world.promised()
    world.clock.advance(90)
    assert world.claim() is Left.NOTHING
    assert world.leg().ended_as is LegEnd.FAILED


def test_a_session_that_is_over_wants_no_calls() -> None:
    world = World()
    world.promised()
    world.close()
    assert not world.dialing.is_wanted(PLACE)
    assert world.claim() is Left.NOTHING
    assert world.leg().ended_as is LegEnd.CANCELED


def test_an_answer_after_the_sessions_end_is_told_so() -> None:
    world = World()
    world.promised()
    world.claim()
    assert world.dialing.is_wanted(PLACE)
    world.close()
    with pytest.raises(SessionEnded):
        world.dialing.answered(PLACE)


def test_calls_of_carriers_and_unknown_ones_are_nothing_to_a_gateway() -> None:
    world = World()
    world.promised(carrier=Carrier.TWILIO)
    assert world.claim() is Left.NOTHING
    assert world.dialing.claim(ACME, "sess_1", "leg_other", "c") is Left.NOTHING
    assert world.dialing.claim(ACME, "sess_other", "leg_1", "c") is Left.NOTHING
    assert world.leg().status is LegStatus.REQUESTED
