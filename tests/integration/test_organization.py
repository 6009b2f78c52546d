"""Setting up an organization of a deployment, as its operator does."""

from __future__ import annotations

import json

import httpx
import pytest

from local.organization import main
from local.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEPLOYMENT = ["--prefix", "kallglot-local", "--id", "org_set_up"]


async def test_what_is_set_counts_from_the_next_request_on(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*DEPLOYMENT, "--name", "Set up", "--source-language", "en", "--target-language", "es"]) == 0
    key = {"X-API-Key": stack.seeder.key("org_set_up")}
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, headers=key, timeout=30) as http:
        created = await http.post("/sessions", json={"mode": "bidirectional_translation"})
        assert created.status_code == 201, created.text
        assert (created.json()["source_language"], created.json()["target_language"]) == ("en", "es")

        assert main([*DEPLOYMENT, "--active", "no", "--json"]) == 0
        assert (await http.get(f"/sessions/{created.json()['id']}")).status_code == 403
    shown = capsys.readouterr().out
    assert "source-language  en" in shown
    assert json.loads(shown[shown.index("{") :])["active"] is False
