"""Passwords of SIP trunks in Secrets Manager, as REST writes them and whoever dials reads them."""

from __future__ import annotations

import pytest

from core.adapters import clients
from core.adapters.trunk_secrets import TrunkSecretReader, TrunkSecrets
from core.domain.sip import TrunkCredentials
from tests.fakes.clocks import FakeClock

pytestmark = pytest.mark.usefixtures("aws")

NAME = "kallglot-dev/connections/trunks/org_acme/live"
FIRST, SECOND = TrunkCredentials("us", "hush"), TrunkCredentials("them", "newer")


def test_what_was_written_is_read_and_a_newer_one_within_a_minute() -> None:
    clock = FakeClock()
    reader, writer = TrunkSecretReader(clients.secrets_manager(), clock), TrunkSecrets(clients.secrets_manager())
    assert reader.of(NAME) is None
    writer.put(NAME, FIRST)
    assert reader.of(NAME) is None, "what was read is kept for a minute"
    clock.advance(60)
    assert reader.of(NAME) == FIRST
    writer.put(NAME, SECOND)
    clock.advance(59)
    assert reader.of(NAME) == FIRST
    clock.advance(1)
    assert reader.of(NAME) == SECOND
    assert "newer" not in repr(reader)


def test_a_removed_secret_is_gone_may_be_removed_again_and_written_anew() -> None:
    writer = TrunkSecrets(clients.secrets_manager())
    writer.put(NAME, FIRST)
    writer.remove(NAME)
    writer.remove(NAME)
    assert TrunkSecretReader(clients.secrets_manager(), FakeClock()).of(NAME) is None
    writer.put(NAME, SECOND)
    assert TrunkSecretReader(clients.secrets_manager(), FakeClock()).of(NAME) == SECOND


def test_a_secret_of_another_shape_is_no_credentials() -> None:
    clients.secrets_manager().create_secret(Name=NAME, SecretString='{"username": 1}')
    assert TrunkSecretReader(clients.secrets_manager(), FakeClock()).of(NAME) is None
