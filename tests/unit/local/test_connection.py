"""The operator's command, down to the service: what it reads from where, and what it makes of it."""

from __future__ import annotations

import argparse
import io
import json

import pytest

from core.domain.sessions import Mode, Recording, Role
from core.domain.telephony import Carrier, Number, TelnyxCredentials, TwilioCredentials
from core.errors import NotFound
from core.services.connections import ConnectionService
from local.connection import VARIABLES, Unusable, _parser, apply, credentials_of, told
from tests.builders import ACME
from tests.fakes.clocks import SequenceIds
from tests.fakes.telephony import MemoryCredentials, MemoryTelephony

NUMBER = "+14155550100"
TWILIO_VARIABLES = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "hush"}


class World:
    def __init__(self) -> None:
        self.store = MemoryTelephony()
        self.secrets = MemoryCredentials()
        self.service = ConnectionService(self.store, self.secrets, SequenceIds(), "kallglot-dev")

    def run(self, *options: str, stdin: str = "") -> str:
        return apply(self.service, ACME, parsed(*options), io.StringIO(stdin))


def parsed(*options: str) -> argparse.Namespace:
    return _parser().parse_args(["--organization", "org_acme", "--live", *options])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    for names in VARIABLES.values():
        for name in names.values():
            monkeypatch.delenv(name, raising=False)
    for name, value in TWILIO_VARIABLES.items():
        monkeypatch.setenv(name, value)
    return World()


def test_a_connection_is_made_from_the_environment_with_its_numbers(world: World) -> None:
    settings = ("--source", "en", "--target", "es", "--record", "--participant", "agent")
    made = world.run("--carrier", "twilio", "--name", "Main", "--number", NUMBER, "+34910000000", *settings)
    telephony = world.store.of(ACME)
    assert world.secrets.of(telephony.connections[made]) == TwilioCredentials("AC1", "hush")
    assert telephony.numbers[NUMBER] == Number(
        NUMBER, made, Mode.BIDIRECTIONAL_TRANSLATION, "en", "es", Recording(enabled=True), Role.AGENT
    )
    assert set(telephony.numbers) == {NUMBER, "+34910000000"}


def test_what_is_not_said_of_a_number_is_left_to_the_organization(world: World) -> None:
    made = world.run("--carrier", "twilio", "--number", NUMBER)
    assert world.store.of(ACME).numbers[NUMBER] == Number(NUMBER, made)


def test_credentials_come_from_stdin_when_that_is_asked_for(world: World) -> None:
    given = {"api_key": "KEY1", "public_key": "cHVibGlj", "application_id": "17"}
    made = world.run("--carrier", "telnyx", "--stdin", stdin=json.dumps(given))
    assert world.secrets.of(world.store.of(ACME).connections[made]) == TelnyxCredentials("KEY1", "cHVibGlj", "17")


def test_an_existing_connection_keeps_its_credentials_unless_they_are_rotated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world.run("--carrier", "twilio")
    connection = world.store.of(ACME).connections[made]
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "newer")
    world.run("--connection", made, "--number", NUMBER)
    assert world.secrets.of(connection) == TwilioCredentials("AC1", "hush")
    world.run("--connection", made, "--rotate")
    assert world.secrets.of(connection) == TwilioCredentials("AC1", "newer")


def test_numbers_defaults_and_connections_can_be_taken_back(world: World) -> None:
    first, second = world.run("--carrier", "twilio", "--number", NUMBER), world.run("--carrier", "twilio")
    assert world.store.of(ACME).default_connection == first
    world.run("--connection", second, "--default")
    assert world.store.of(ACME).default_connection == second
    world.run("--connection", first, "--remove-number", NUMBER)
    assert world.store.of(ACME).numbers == {}
    world.run("--connection", first, "--remove")
    assert list(world.store.of(ACME).connections) == [second]


def test_what_is_told_names_no_credentials(world: World) -> None:
    made = world.run("--carrier", "twilio", "--name", "Main", "--number", NUMBER)
    lines = told(world.store.of(ACME))
    assert lines == [f"{made}  twilio  Main  (default)", f"  {NUMBER}  bidirectional_translation"]
    assert told(MemoryTelephony().of(ACME)) == ["no connections"]


@pytest.mark.parametrize(
    ("carrier", "stdin"),
    [
        (Carrier.TELNYX, None),
        (Carrier.TWILIO, '{"account_sid": "hush"}'),
        (Carrier.TWILIO, "hush"),
        (Carrier.TWILIO, '{"account_sid": 1, "auth_token": ["hush"]}'),
    ],
)
def test_missing_credentials_are_named_and_given_ones_not_repeated(carrier: Carrier, stdin: str | None) -> None:
    source = None if stdin is None else io.StringIO(stdin)
    with pytest.raises(Unusable) as unusable:
        credentials_of(carrier, TWILIO_VARIABLES, source)
    assert "hush" not in str(unusable.value)
    assert ("TELNYX_API_KEY" in str(unusable.value)) == (carrier is Carrier.TELNYX)


def test_an_option_for_credentials_does_not_exist() -> None:
    options = {option for action in _parser()._actions for option in action.option_strings}
    assert not {option for option in options if "token" in option or "key" in option or "secret" in option}


@pytest.mark.parametrize("options", [["--number", "4155550100"], ["--source", "xx"], ["--mode", "ai_agent"]])
def test_what_cannot_be_meant_is_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--carrier", "twilio", *options)
    assert options[0] in capsys.readouterr().err


def test_a_connection_that_does_not_exist_or_is_of_no_carrier_is_said(world: World) -> None:
    with pytest.raises(NotFound):
        world.run("--connection", "pcon_9")
    with pytest.raises(Unusable, match="--carrier"):
        world.run("--number", NUMBER)
