"""`routing` → telephony, in the contract's order."""

from __future__ import annotations

import pytest

from core.domain.sessions import Provider
from core.domain.telephony import Carrier, Connection, Number, Telephony
from core.errors import ValidationFailed
from core.services.routing import Routing, RoutingService, resolve
from tests.builders import ACME, ACME_TEST
from tests.fakes.telephony import MemoryTelephony

NUMBER = "+14155551234"
FULL = Telephony(
    connections={
        "pcon_1": Connection("pcon_1", Carrier.TELNYX, "First", "secret/1"),
        "pcon_2": Connection("pcon_2", Carrier.TWILIO, "Second", "secret/2"),
    },
    numbers={NUMBER: Number(NUMBER, "pcon_1")},
    default_connection="pcon_2",
)
BARE = Telephony()


@pytest.mark.parametrize(
    ("routing", "provider"),
    [
        (Routing(connection_id="pcon_1"), Provider("telnyx", details={"connection_id": "pcon_1"})),
        (Routing(connection_id="pcon_9"), None),
        (Routing(sip=True), Provider("sip")),
        (Routing(sip=True, sip_from_uri="sip:a@b"), Provider("sip", details={"from_uri": "sip:a@b"})),
        (
            Routing(phone_number=NUMBER),
            Provider("telnyx", phone_number=NUMBER),
        ),
        (
            Routing(phone_number="+4930123", direction="outbound"),
            Provider("twilio", phone_number="+4930123", details={"direction": "outbound", "connection_id": "pcon_2"}),
        ),
        (Routing(), Provider("twilio", details={"connection_id": "pcon_2"})),
    ],
)
def test_a_route_is_found_in_order(routing: Routing, provider: Provider | None) -> None:
    assert resolve(FULL, routing) == provider


@pytest.mark.parametrize("routing", [Routing(), Routing(phone_number=NUMBER), Routing(connection_id="pcon_1")])
def test_an_organization_without_telephony_has_no_route(routing: Routing) -> None:
    assert resolve(BARE, routing) is None


def test_sip_needs_nothing_but_the_session() -> None:
    assert resolve(BARE, Routing(sip=True)) == Provider("sip")


def test_no_route_is_a_validation_error_of_the_field() -> None:
    with pytest.raises(ValidationFailed) as failed:
        RoutingService(MemoryTelephony()).resolve(ACME, Routing(phone_number=NUMBER))

    assert (failed.value.code, failed.value.param) == ("no_route", "routing")
    assert NUMBER not in failed.value.message


def test_the_route_comes_from_the_callers_own_tenant() -> None:
    store = MemoryTelephony()
    store.put(ACME, FULL)

    assert RoutingService(store).resolve(ACME, Routing(phone_number=NUMBER)).type == "telnyx"
    with pytest.raises(ValidationFailed):
        RoutingService(store).resolve(ACME_TEST, Routing(phone_number=NUMBER))
