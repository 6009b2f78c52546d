"""The authorizer: it always allows, and says who or why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from core.domain.limits import RateLimit, RouteGroup
from core.domain.organizations import Organization
from core.domain.rotation import fixed
from core.errors import Unavailable
from core.limit_ports import BucketStore
from core.services.access import AccessService
from core.services.credits import CreditService
from core.services.rate_limits import RateLimiter
from lambdas.authorizer.app import answer
from lambdas.runtime.wiring import Gate
from tests.builders import PEPPER, SECRET, an_api_key
from tests.fakes.buckets import MemoryBuckets, NoBuckets
from tests.fakes.clocks import START, FakeClock
from tests.fakes.rest import golden
from tests.fakes.stores import MemoryAccess, MemorySessions, MemoryUsage


@pytest.fixture
def store() -> MemoryAccess:
    store = MemoryAccess()
    store.put_organization(Organization("org_acme", "Acme"))
    store.put_key(an_api_key())
    return store


@pytest.fixture
def access(store: MemoryAccess) -> Gate:
    return gate(store)


def gate(store: MemoryAccess, buckets: BucketStore | None = None) -> Gate:
    clock = FakeClock()
    credits = CreditService(MemoryUsage(MemorySessions(clock)), clock)
    return Gate(AccessService(store, fixed(PEPPER), clock), RateLimiter(buckets or MemoryBuckets(), clock), credits)


def request(*headers: tuple[str, str]) -> dict[str, Any]:
    event = golden("events/authorizer_request.json")
    for name, value in headers:
        event["headers"][name] = value
        event["multiValueHeaders"].setdefault(name, []).append(value)
    return event


def refusal(access: Gate, *headers: tuple[str, str]) -> str:
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
def test_a_key_in_either_header_names_the_caller(access: Gate, header: tuple[str, str]) -> None:
    given = answer(access, request(header))

    assert given["principalId"] == "key_1"
    assert given["context"] == {
        "org": "org_acme",
        "livemode": "true",
        "scopes": "sessions:read sessions:write",
        "key_id": "key_1",
        "rate_limit": "200",
        "rate_remaining": "199",
        "rate_reset": str(int(START.timestamp()) + 1),
    }


def test_the_policy_allows_the_whole_stage_and_no_other(access: Gate) -> None:
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
def test_no_key_a_wrong_key_or_two_keys_are_refused(access: Gate, headers: list[tuple[str, str]]) -> None:
    assert refusal(access, *headers) == "invalid_api_key"


def test_the_same_key_in_both_headers_is_one_key(access: Gate) -> None:
    given = answer(access, request(("Authorization", f"Bearer {SECRET}"), ("X-API-Key", SECRET)))

    assert given["context"]["key_id"] == "key_1"


def test_an_expired_key_says_so(store: MemoryAccess, access: Gate) -> None:
    store.put_key(an_api_key(expires_at=START))

    assert refusal(access, ("X-API-Key", SECRET)) == "expired_api_key"


def test_the_log_names_the_key_by_its_id_only(access: Gate, capsys: pytest.CaptureFixture[str]) -> None:
    answer(access, request(("X-API-Key", SECRET)))
    answer(access, request(("X-API-Key", "sk_live_unknown")))

    log = capsys.readouterr().out
    assert "key_1" in log
    assert "invalid_api_key" in log
    assert SECRET not in log
    assert "sk_live" not in log


def test_a_store_that_does_not_answer_refuses_nobody_and_lets_nobody_in(access: Gate) -> None:
    class Down(MemoryAccess):
        def key_by_hashes(self, key_hashes: Sequence[str]) -> None:
            raise Unavailable("dependency_unavailable", "no answer")

    with pytest.raises(Unavailable):
        answer(gate(Down()), request(("X-API-Key", SECRET)))


def test_a_key_that_is_too_fast_is_named_with_how_long_to_wait(store: MemoryAccess) -> None:
    limits = {RouteGroup.CREATE: RateLimit(1, 0.1)}
    store.put_organization(Organization("org_acme", "Acme", rate_limits=limits))
    made = gate(store)
    first, second = (answer(made, request(("X-API-Key", SECRET)))["context"] for _ in range(2))
    looking = answer(made, request(("X-API-Key", SECRET)) | {"httpMethod": "GET"})["context"]

    assert (first["rate_limit"], first["rate_remaining"], first.get("retry_after")) == ("1", "0", None)
    assert (second["org"], second["rate_remaining"], second["retry_after"]) == ("org_acme", "0", "10")
    assert "retry_after" not in looking


def test_rate_limits_that_do_not_answer_let_the_request_through(
    store: MemoryAccess, capsys: pytest.CaptureFixture[str]
) -> None:
    context = answer(gate(store, NoBuckets()), request(("X-API-Key", SECRET)))["context"]

    assert (context["org"], context["rate_limit"]) == ("org_acme", "200")
    assert not {"rate_remaining", "rate_reset", "retry_after"} & context.keys()
    assert "the rate limits do not answer" in capsys.readouterr().out


def test_what_is_left_of_credits_is_told_where_there_are_any(store: MemoryAccess) -> None:
    store.put_organization(Organization("org_acme", "Acme", credits_s=90))
    context = answer(gate(store), request(("X-API-Key", SECRET)))["context"]

    assert (context["credits_used"], context["credits_remaining"]) == ("0.000", "90.000")


def test_who_is_refused_takes_from_no_bucket(store: MemoryAccess) -> None:
    buckets = MemoryBuckets()
    refusal(gate(store, buckets), ("X-API-Key", "sk_live_unknown"))

    assert buckets.writes == 0
