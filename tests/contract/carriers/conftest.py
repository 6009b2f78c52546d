"""Both carriers' lines, by their own clients, against a server that speaks their HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.domain.telephony import Credentials, TelnyxCredentials, TwilioCredentials
from core.telephony_ports import CarrierLine
from tests.fakes.carrier_server import ACCOUNT, API_KEY, APPLICATION, AUTH_TOKEN, CarrierServer, serving

CARRIERS = ("twilio", "telnyx")
CREDENTIALS: dict[str, Credentials] = {
    "twilio": TwilioCredentials(ACCOUNT, AUTH_TOKEN),
    "telnyx": TelnyxCredentials(API_KEY, "", APPLICATION),
}
TIMEOUT_S = 0.5


@pytest.fixture(scope="session")
def served() -> Iterator[CarrierServer]:
    with serving() as carrier:
        yield carrier


@pytest.fixture
def server(served: CarrierServer) -> CarrierServer:
    served.reset()
    return served


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def line_to(carrier: str, server: CarrierServer, timeout_s: float = 10.0) -> CarrierLine:
    # Imported here, so that only who telephones waits for it.
    if carrier == "twilio":
        from core.adapters.carriers.twilio import TwilioLine

        return TwilioLine(server.twilio_url, timeout_s)
    from core.adapters.carriers.telnyx import TelnyxLine

    return TelnyxLine(server.telnyx_url, timeout_s)


@pytest.fixture
def line(carrier: str, server: CarrierServer) -> CarrierLine:
    return line_to(carrier, server)


@pytest.fixture
def credentials(carrier: str) -> Credentials:
    return CREDENTIALS[carrier]
