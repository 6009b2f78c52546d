from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.legs import LegStatus, Report, placed, reported
from core.domain.sessions import Mode, Recording, Role
from core.domain.telephony import Carrier, Number, Telephony, numbered, unnumbered
from core.errors import WriteConflict
from core.ports import Commit
from core.telephony_ports import CallPlace, NumberTaken
from tests.builders import ACME, ACME_TEST, OTHER, a_leg, a_session
from tests.contract.stores.kinds import Stores
from tests.fakes.clocks import START
from tests.fakes.telephony import a_telephony

NUMBER = "+14155550100"
OF_ITS_OWN: dict[str, Any] = {
    "mode": Mode.ASSISTIVE_TRANSLATION,
    "recording": Recording(True),
    "participant": Role.AGENT,
}


def test_what_a_tenant_telephones_with_comes_back_whole(stores: Stores) -> None:
    assert stores.telephony.of(ACME) == Telephony()
    telephony = a_telephony(NUMBER, carrier=Carrier.TELNYX, source_language="en", **OF_ITS_OWN)
    stores.telephony.put(ACME, telephony)
    assert stores.telephony.of(ACME) == replace(telephony, version=1)
    assert stores.telephony.of(ACME_TEST) == Telephony()
    assert (stores.telephony.owner_of(NUMBER), stores.telephony.owner_of("+1000")) == (ACME, None)


def test_a_change_that_was_made_from_an_older_version_is_refused(stores: Stores) -> None:
    stores.telephony.put(ACME, a_telephony(NUMBER))
    with pytest.raises(WriteConflict):
        stores.telephony.put(ACME, a_telephony(NUMBER))
    stores.telephony.put(ACME, replace(stores.telephony.of(ACME), default_connection=None))
    assert stores.telephony.of(ACME).version == 2


def test_a_number_is_one_tenants_until_it_gives_it_back(stores: Stores) -> None:
    stores.telephony.put(ACME, a_telephony(NUMBER))
    with pytest.raises(NumberTaken):
        stores.telephony.put(OTHER, a_telephony(NUMBER))
    assert (stores.telephony.of(OTHER), stores.telephony.owner_of(NUMBER)) == (Telephony(), ACME)

    stores.telephony.put(ACME, unnumbered(stores.telephony.of(ACME), NUMBER))
    assert stores.telephony.owner_of(NUMBER) is None
    stores.telephony.put(OTHER, a_telephony(NUMBER))
    assert stores.telephony.owner_of(NUMBER) == OTHER


def test_further_numbers_leave_the_first_ones_alone(stores: Stores) -> None:
    stores.telephony.put(ACME, a_telephony(NUMBER))
    stores.telephony.put(ACME, numbered(stores.telephony.of(ACME), Number("+34910000000", "pcon_1")))
    assert [stores.telephony.owner_of(number) for number in (NUMBER, "+34910000000")] == [ACME, ACME]


def test_a_leg_is_written_with_its_session_and_its_call_leads_back_to_it(stores: Stores) -> None:
    session = stores.sessions.commit(Commit(a_session(), None, None, legs=(a_leg(),)))
    assert stores.sessions.legs(ACME, session.id) == [a_leg()]
    assert stores.sessions.legs(OTHER, session.id) == []
    assert stores.calls.place_of("twilio", "CA1") is None

    leg = placed(a_leg(), "CA1")
    session = stores.sessions.commit(Commit(session, session.version, None, legs=(leg,)))
    assert stores.calls.place_of("twilio", "CA1") == CallPlace(ACME, session.id, leg.id)
    assert stores.calls.place_of("telnyx", "CA1") is None

    again = reported(leg, Report(LegStatus.CONNECTED), START)
    stores.sessions.commit(Commit(session, session.version, None, legs=(again,)))
    assert stores.sessions.legs(ACME, session.id) == [again]


def test_legs_come_oldest_first(stores: Stores) -> None:
    legs = [a_leg("leg_b"), a_leg("leg_a"), a_leg("leg_0", created_at=START.replace(year=2027))]
    stores.sessions.commit(Commit(a_session(), None, None, legs=tuple(legs)))
    assert [leg.id for leg in stores.sessions.legs(ACME, "sess_1")] == ["leg_a", "leg_b", "leg_0"]


def test_one_call_is_never_two_legs(stores: Stores) -> None:
    first = stores.sessions.commit(Commit(a_session(), None, None, legs=(placed(a_leg(), "CA1"),)))
    other = placed(a_leg("leg_2", session_id="sess_2"), "CA1")
    with pytest.raises(WriteConflict):
        stores.sessions.commit(Commit(a_session("sess_2"), None, None, legs=(other,)))
    with pytest.raises(WriteConflict):
        stores.sessions.commit(Commit(first, first.version, None, legs=(replace(other, session_id=first.id),)))
    assert stores.sessions.find(ACME, "sess_2") is None
    assert stores.calls.place_of("twilio", "CA1") == CallPlace(ACME, first.id, "leg_1")
