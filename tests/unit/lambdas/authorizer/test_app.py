"""The authorizer: it always allows, and says who or why not."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.organizations import Organization
from core.errors import Unavailable
from core.services.access import AccessService
from lambdas.authorizer.app import answer
from tests.builders import PEPPER, SECRET, an_api_key
from tests.fakes.clocks import START, FakeClock
from tests.fakes.rest import golden
from tests.fakes.stores import MemoryAccess


@pytest.fixture
def store() -> MemoryAccess:
    store = MemoryAccess()
    store.put_organization(Organization("org_acme", "Acme"))
    store.put_key(an_api_key())
    return store


@pytest.fixture
def access(store: MemoryAccess) -> AccessService:
    return AccessService(store, lambda: PEPPER, FakeClock())


def request(*headers: tuple[str, str]) -> dict[str, Any]:
    event = golden("events/authorizer_request.json")
    for name, value in headers:
        event["headers"][name] = value
        event["multiValueHeaders"].setdefault(name, []).append(value)
    return event


def refusal(access: AccessService, *headers: tuple[str, str]) -> str:
    context: dict[str, str] = answer(access, request(*headers))["context"]
    assert set(context) == {"refusal"}
    return context["refusal"]


@pytest.mark.parametrize(
    "header",
    [
        ("Authorization", f"Bearer {SECRET}"),
        ("authorization", f"bearer  {SECRET} "),
        ("X-API-Key", SECRET),
        ("x-api-key", f" {SECRET}"),
    ],
)
def test_a_key_in_either_header_names_the_caller(access: AccessService, header: tuple[str, str]) -> None:
    given = answer(access, request(header))

    assert given["principalId"] == "key_1"
    assert given["context"] == {
        "org": "org_acme",
        "livemode": "true",
        "scopes": "sessions:read sessions:write",
        "key_id": "key_1",
    }


def test_the_policy_allows_the_whole_stage_and_no_other(access: AccessService) -> None:
    [statement] = answer(access, request())["policyDocument"]["Statement"]

    assert statement == {
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/api/*",
    }


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", SECRET)],
        [("Authorization", f"Basic {SECRET}")],
        [("Authorization", "Bearer ")],
        [("X-API-Key", "sk_live_unknown")],
        [("Authorization", f"Bearer {SECRET}"), ("X-API-Key", "sk_live_another")],
        [("X-API-Key", SECRET), ("X-API-Key", "sk_live_another")],
    ],
)
def test_no_key_a_wrong_key_or_two_keys_are_refused(access: AccessService, headers: list[tuple[str, str]]) -> None:
    assert refusal(access, *headers) == "invalid_api_key"


def test_the_same_key_in_both_headers_is_one_key(access: AccessService) -> None:
    given = answer(access, request(("Authorization", f"Bearer {SECRET}"), ("X-API-Key", SECRET)))

    assert given["context"]["key_id"] == "key_1"


def test_an_expired_key_says_so(store: MemoryAccess, access: AccessService) -> None:
    store.put_key(an_api_key(expires_at=START))

    assert refusal(access, ("X-API-Key", SECRET)) == "expired_api_key"


def test_the_log_names_the_key_by_its_id_only(access: AccessService, capsys: pytest.CaptureFixture[str]) -> None:
    answer(access, request(("X-API-Key", SECRET)))
    answer(access, request(("X-API-Key", "sk_live_unknown")))

    log = capsys.readouterr().out
    assert "key_1" in log
    assert "invalid_api_key" in log
    assert SECRET not in log
    assert "sk_live" not in log


def test_a_store_that_does_not_answer_refuses_nobody_and_lets_nobody_in(access: AccessService) -> None:
    class Down(MemoryAccess):
        def key_by_hash(self, key_hash: str) -> None:
            raise Unavailable("dependency_unavailable", "no answer")

    with pytest.raises(Unavailable):
        answer(AccessService(Down(), lambda: PEPPER, FakeClock()), request(("X-API-Key", SECRET)))
