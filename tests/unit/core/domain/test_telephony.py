from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.telephony import (
    MOST_CONNECTIONS,
    Carrier,
    Connection,
    Number,
    Telephony,
    TelnyxCredentials,
    TwilioCredentials,
    connected,
    disconnected,
    numbered,
    preferring,
    secret_name,
    unnumbered,
)
from core.errors import Conflict, NotFound
from tests.builders import ACME, ACME_TEST

FIRST = Connection("pcon_1", Carrier.TWILIO, "First", "secret/1")
SECOND = Connection("pcon_2", Carrier.TELNYX, "Second", "secret/2")
NUMBER = "+14155550100"


def both() -> Telephony:
    return connected(connected(Telephony(), FIRST, default=False), SECOND, default=False)


def test_the_first_connection_is_the_default_one_until_another_is_preferred() -> None:
    assert both().default_connection == "pcon_1"
    assert preferring(both(), "pcon_2").default_connection == "pcon_2"
    assert connected(both(), replace(SECOND, id="pcon_3"), default=True).default_connection == "pcon_3"


def test_a_number_leads_to_its_connection_and_goes_with_it() -> None:
    telephony = numbered(numbered(both(), Number(NUMBER, "pcon_2")), Number("+34910000000", "pcon_1"))
    assert telephony.connection_of(NUMBER) == SECOND
    assert telephony.connection_of("+1000") is telephony.connection_of(None) is None
    assert (telephony.number_on("pcon_2"), telephony.number_on("pcon_9")) == (NUMBER, None)

    without = disconnected(telephony, "pcon_2")
    assert (list(without.numbers), list(without.connections)) == (["+34910000000"], ["pcon_1"])
    assert unnumbered(telephony, NUMBER).connection_of(NUMBER) is None


def test_with_the_default_connection_another_one_takes_its_place_and_nothing_after_the_last() -> None:
    assert disconnected(both(), "pcon_1").default_connection == "pcon_2"
    assert disconnected(disconnected(both(), "pcon_1"), "pcon_2") == Telephony()


def test_what_is_not_there_is_said() -> None:
    for change in (disconnected, preferring):
        with pytest.raises(NotFound):
            change(both(), "pcon_9")
    with pytest.raises(NotFound):
        numbered(both(), Number(NUMBER, "pcon_9"))


def test_there_is_an_end_to_connections() -> None:
    telephony = Telephony()
    for number in range(MOST_CONNECTIONS):
        telephony = connected(telephony, replace(FIRST, id=f"pcon_{number}"), default=False)
    with pytest.raises(Conflict):
        connected(telephony, replace(SECOND, id="pcon_new"), default=False)
    assert connected(telephony, replace(FIRST, id="pcon_0", name="Again"), default=False).connections["pcon_0"].name


def test_a_secret_lies_below_the_deployments_prefix_and_live_apart_from_test() -> None:
    assert secret_name("kallglot-dev", ACME, "pcon_1") == "kallglot-dev/connections/org_acme/live/pcon_1"
    assert secret_name("kallglot-dev", ACME_TEST, "pcon_1") == "kallglot-dev/connections/org_acme/test/pcon_1"


def test_credentials_do_not_show_what_is_secret() -> None:
    assert "hush" not in repr(TwilioCredentials("AC1", "hush"))
    assert "hush" not in repr(TelnyxCredentials("hush", "public", "1"))
