"""What a tenant sets for calls by SIP, the places of its calls, and the calls themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.legs import LegStatus
from core.domain.sip import Lease, Sip, Transport, Trunk
from core.domain.telephony import Carrier
from core.errors import IdempotencyKeyTaken, WriteConflict
from core.ports import Commit
from tests.builders import ACME, ACME_TEST, OTHER, a_leg, a_record, a_session
from tests.contract.stores.kinds import Stores
from tests.fakes.clocks import START
from tests.fakes.sip import a_credential

ALL_OF_IT = Sip(
    credentials={"sipc_pbx": a_credential(previous={"MD5": "old"}, previous_until=START, rotated_at=START)},
    networks=("203.0.113.0/24", "2001:db8::/32"),
    max_calls=7,
    trunk=Trunk("sips:pbx.example.com", Transport.TLS, "us", "sip:us@pbx.example.com", "kallglot/trunks/org_acme/live"),
)
NEXT = START + timedelta(seconds=150)


def test_what_is_set_comes_back_whole_and_is_nobody_elses(stores: Stores) -> None:
    assert stores.sip.of(ACME) == Sip()
    stores.sip.put(ACME, ALL_OF_IT)
    assert stores.sip.of(ACME) == replace(ALL_OF_IT, version=1)
    assert stores.sip.of(ACME_TEST) == stores.sip.of(OTHER) == Sip()


def test_a_change_that_was_made_from_an_older_version_is_refused(stores: Stores) -> None:
    stores.sip.put(ACME, ALL_OF_IT)
    with pytest.raises(WriteConflict):
        stores.sip.put(ACME, Sip(max_calls=1))
    stores.sip.put(ACME, Sip(max_calls=1, version=1))
    assert stores.sip.of(ACME) == Sip(max_calls=1, version=2)


def test_the_key_of_a_request_is_written_with_the_change_or_neither_is(stores: Stores) -> None:
    record = a_record()
    stores.sip.put(ACME, ALL_OF_IT, record)
    assert stores.idempotency.find(ACME, record.route, record.key) == record
    with pytest.raises(IdempotencyKeyTaken):
        stores.sip.put(ACME, Sip(version=1), record)
    assert stores.sip.of(ACME).version == 1

    with pytest.raises(WriteConflict):
        stores.sip.put(ACME, Sip(), replace(record, key="another"))
    assert stores.idempotency.find(ACME, record.route, "another") is None


def test_a_key_that_is_taken_outweighs_an_older_version(stores: Stores) -> None:
    stores.sip.put(ACME, ALL_OF_IT, a_record())
    with pytest.raises(IdempotencyKeyTaken):
        stores.sip.put(ACME, ALL_OF_IT, a_record())


def test_a_place_is_one_calls_until_it_runs_out(stores: Stores) -> None:
    lease = Lease(3, "leg_1", NEXT)
    assert stores.leases.take(ACME, lease, START)
    assert stores.leases.taken(ACME) == [lease]
    assert stores.leases.taken(ACME_TEST) == []
    other = Lease(3, "leg_2", NEXT + timedelta(seconds=150))
    assert not stores.leases.take(ACME, other, NEXT - timedelta(seconds=1))
    assert stores.leases.take(ACME, other, NEXT)
    assert stores.leases.taken(ACME) == [other]


def test_places_come_by_number(stores: Stores) -> None:
    for number in (11, 2):
        stores.leases.take(ACME, Lease(number, f"leg_{number}", NEXT), START)
    assert [lease.number for lease in stores.leases.taken(ACME)] == [2, 11]


def test_a_place_is_renewed_and_given_up_by_nobody_but_its_call(stores: Stores) -> None:
    stores.leases.take(ACME, Lease(1, "leg_1", NEXT), START)
    later = Lease(1, "leg_1", NEXT + timedelta(seconds=60))
    assert stores.leases.renew(ACME, later)
    assert stores.leases.taken(ACME) == [later]
    assert not stores.leases.renew(ACME, replace(later, leg_id="leg_2"))
    assert not stores.leases.renew(ACME, replace(later, number=9))
    stores.leases.give_up(ACME, replace(later, leg_id="leg_2"))
    assert stores.leases.taken(ACME) == [later]
    stores.leases.give_up(ACME, later)
    stores.leases.give_up(ACME, later)
    assert stores.leases.taken(ACME) == []


def test_two_pbxs_may_name_their_calls_alike(stores: Stores) -> None:
    """And nobody looks for a call by that name."""
    for session_id, tenant in (("sess_1", ACME), ("sess_2", OTHER)):
        leg = a_leg(
            "leg_1", session_id, carrier=Carrier.SIP, connection_id="", call_id="same", status=LegStatus.CONNECTED
        )
        stores.sessions.commit(Commit(a_session(session_id, tenant), None, None, legs=(leg,)))
        assert stores.sessions.legs(tenant, session_id) == [leg]
    assert stores.calls.place_of("sip", "same") is None
