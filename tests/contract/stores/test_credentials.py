"""Carriers' credentials in Secrets Manager, as the functions read them and the operator's command writes them."""

from __future__ import annotations

import pytest

from core.adapters import clients
from core.adapters.credentials import SecretCredentials, SecretCredentialWriter
from core.domain.telephony import Carrier, Connection, TelnyxCredentials, TwilioCredentials
from tests.fakes.clocks import FakeClock

pytestmark = pytest.mark.usefixtures("aws")

CONNECTION = Connection("pcon_1", Carrier.TWILIO, "Main", "kallglot-dev/connections/org_acme/live/pcon_1")
TWILIO = TwilioCredentials("AC1", "hush")


def test_what_was_written_is_read_and_a_newer_one_within_a_minute() -> None:
    clock = FakeClock()
    reader, writer = (
        SecretCredentials(clients.secrets_manager(), clock),
        SecretCredentialWriter(clients.secrets_manager()),
    )
    assert reader.of(CONNECTION) is None
    writer.put(CONNECTION.secret, TWILIO)
    assert reader.of(CONNECTION) is None, "what was read is kept for a minute"
    clock.advance(60)
    assert reader.of(CONNECTION) == TWILIO
    writer.put(CONNECTION.secret, TwilioCredentials("AC1", "newer"))
    clock.advance(59)
    assert reader.of(CONNECTION) == TWILIO
    clock.advance(1)
    assert reader.of(CONNECTION) == TwilioCredentials("AC1", "newer")
    assert "newer" not in repr(reader)


def test_a_removed_secret_is_gone_and_may_be_removed_again() -> None:
    writer = SecretCredentialWriter(clients.secrets_manager())
    writer.put(CONNECTION.secret, TWILIO)
    writer.remove(CONNECTION.secret)
    writer.remove(CONNECTION.secret)
    assert SecretCredentials(clients.secrets_manager(), FakeClock()).of(CONNECTION) is None


def test_a_secret_of_another_shape_is_no_credentials() -> None:
    SecretCredentialWriter(clients.secrets_manager()).put(CONNECTION.secret, TelnyxCredentials("hush", "public", "1"))
    assert SecretCredentials(clients.secrets_manager(), FakeClock()).of(CONNECTION) is None
