"""Connecting an organization to a carrier, as the deployment's operator does."""

from __future__ import annotations

import io
import json

import boto3
import httpx
import pytest

from local import telephones
from local.connection import main
from local.stack import Stack
from tests.integration.test_rest import SESSION, error_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

OURS = ("--prefix", "kallglot-local", "--organization", "org_local")
NUMBER = "+14155550177"
TWILIO = {"account_sid": "AC" + "1" * 32, "auth_token": "hush-hush"}


def secret_of(connection_id: str) -> str:
    name = f"kallglot-local/connections/org_local/test/{connection_id}"
    return str(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])


async def test_a_connection_and_its_number_route_sessions_until_they_are_taken_away(
    stack: Stack, http: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.outputs.access_table
    options = (*OURS, "--carrier", "twilio", "--number", NUMBER, "--stdin")
    assert main(options, io.StringIO(json.dumps(TWILIO))) == 0
    made = capsys.readouterr().out.strip()
    assert made.startswith("pcon_")
    assert json.loads(secret_of(made)) == TWILIO

    for routing in ({"connection_id": made}, {"phone_number": NUMBER}):
        response = await http.post("/sessions", json={**SESSION, "routing": routing})
        assert response.status_code == 201, response.text
        assert response.json()["provider"]["type"] == "twilio"

    assert main((*OURS, "--connection", made, "--remove"), io.StringIO()) == 0
    gone = await http.post("/sessions", json={**SESSION, "routing": {"connection_id": made}})
    assert error_of(gone, 422, "no_route")["param"] == "routing"
    with pytest.raises(boto3.client("secretsmanager").exceptions.ResourceNotFoundException):
        secret_of(made)


async def test_what_there_is_is_listed_without_its_credentials(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.outputs.access_table
    assert main((*OURS, "--list"), io.StringIO()) == 0
    listed = capsys.readouterr().out
    for carrier in telephones.NUMBERS:
        assert telephones.connection_id(carrier) in listed
        assert telephones.NUMBERS[carrier] in listed
    assert main((*OURS, "--list", "--live"), io.StringIO()) == 0
    assert capsys.readouterr().out.strip() == "no connections"


async def test_an_organization_that_nobody_made_cannot_be_connected(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.outputs.access_table
    options = ("--prefix", "kallglot-local", "--organization", "org_nobody", "--carrier", "twilio", "--stdin")
    assert main(options, io.StringIO(json.dumps(TWILIO))) == 1
    said = capsys.readouterr().err
    assert "nothing was connected" in said and "hush" not in said
