"""API keys of a deployment, from its tables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.access import Principal, Scope, Tenant
from core.domain.organizations import Organization
from core.domain.rotation import fixed
from core.services.access import AccessService
from core.services.api_keys import ApiKeyService
from local import keys
from tests.builders import PEPPER
from tests.fakes.clocks import FakeClock, SequenceIds
from tests.fakes.keys import MemoryKeys
from tests.fakes.stores import MemoryAccess, MemoryIdempotency, MemorySessions


class Deployment:
    def __init__(self) -> None:
        self.access, self.clock, self.drawn = MemoryAccess(), FakeClock(), 0
        sessions = MemorySessions(self.clock)
        self.access.put_organization(Organization("org_acme", "Acme"))
        store = MemoryKeys(self.access, sessions)
        idempotency = MemoryIdempotency(sessions)
        self.service = ApiKeyService(store, idempotency, fixed(PEPPER), self._random, self.clock, SequenceIds())

    def key_service(self) -> ApiKeyService:
        return self.service

    def caller(self, secret: str) -> Any:
        return AccessService(self.access, fixed(PEPPER), self.clock).authenticate(secret)

    def _random(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    made = Deployment()
    monkeypatch.setattr(keys, "Deployed", lambda _prefix: made)
    return made


def run(*words: str) -> int:
    return keys.main([*words, "--organization", "org_acme"])


def test_a_key_that_was_made_opens_what_was_said(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("create", "--live", "--name", "backend", "--scope", "sessions:read", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert made["key"].startswith("sk_live_") and made["name"] == "backend"
    live = Tenant("org_acme", livemode=True)
    assert deployment.caller(made["key"]) == Principal(live, made["id"], frozenset({Scope.SESSIONS_READ}))


def test_without_scopes_it_has_all_and_test_keys_are_apart_from_live_ones(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("create", "--json") == run("create", "--live", "--json") == 0
    capsys.readouterr()
    assert run("list", "--json") == 0
    (listed,) = json.loads(capsys.readouterr().out)["data"]
    assert (listed["livemode"], set(listed["scopes"]), "key" in listed) == (False, set(Scope), False)


def test_all_of_many_keys_are_listed_newest_first(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "LARGEST_LIMIT", 2)
    for _ in range(5):
        run("create")
    capsys.readouterr()
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [f"key_000{number}" for number in (5, 4, 3, 2, 1)]


def test_a_revoked_key_opens_nothing_and_the_last_one_that_manages_stays(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    run("create", "--json")
    first = json.loads(capsys.readouterr().out)
    assert run("revoke", first["id"]) == 1
    assert "no other API key could manage keys" in capsys.readouterr().err
    run("create")
    assert run("revoke", first["id"]) == 0
    assert "revoked 2026-03-26" in capsys.readouterr().out
    assert deployment.caller(first["key"]) == "revoked_api_key"


def test_an_organization_that_is_not_there_gets_no_key(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keys.main(["create", "--organization", "org_nobody"]) == 1
    assert "there is no organization org_nobody" in capsys.readouterr().err
