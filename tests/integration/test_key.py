"""Issuing a key for a deployment, as its operator does."""

from __future__ import annotations

import httpx
import pytest

from local.key import main
from local.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_issued_key_opens_the_api_within_its_scopes(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--prefix", "kallglot-local", "--organization", "org_acme", "--live", "--scopes", "sessions:read"]
    assert main(options) == 0
    key = capsys.readouterr().out.strip()
    assert key.startswith("sk_live_")
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, headers={"X-API-Key": key}) as http:
        assert (await http.get("/languages")).status_code == 200
        assert (await http.post("/sessions", json={})).status_code == 403


async def test_a_deployment_that_is_not_there_is_said(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack.outputs.access_table
    assert main(["--prefix", "kallglot-nowhere", "--organization", "org_acme"]) == 1
    assert "no key was made" in capsys.readouterr().err
