"""Endpoints, their filters and their signatures. The signature is checked by Stripe's own implementation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from core.domain.deliveries import Target, begun
from core.domain.events import EventType
from core.domain.webhooks import (
    SESSION_URLS,
    SIGNATURE_HEADER,
    DisabledReason,
    Signing,
    enabled_again,
    filters,
    given_up,
    headers,
    session_target,
    signature,
    signing_secret,
    targets_of,
)
from tests.builders import ACME, ACME_TEST, OTHER, an_endpoint, an_event
from tests.fakes.clocks import START

KEY = b"k" * 64
PUBLIC = [kind for kind in EventType if not kind.is_internal]


def secret(generation: int = 1, owner: str = "wh_1") -> str:
    return signing_secret(KEY, ACME, owner, generation)


@given(st.text())
def test_stripes_own_implementation_verifies_our_signature(body: str) -> None:
    now = datetime.now(UTC)
    signed = signature([secret()], body.encode(), now)

    assert stripe.WebhookSignature.verify_header(body, signed, secret(), tolerance=300)


def test_stripes_own_implementation_refuses_what_was_changed_or_is_old() -> None:
    now = datetime.now(UTC)
    for body, signed, key in (
        ("{}!", signature([secret()], b"{}", now), secret()),
        ("{}", signature([secret()], b"{}", now), secret(2)),
        ("{}", signature([secret()], b"{}", now - timedelta(minutes=6)), secret()),
    ):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(body, signed, key, tolerance=300)


def test_during_a_rotation_both_secrets_verify_and_after_it_only_the_new_one() -> None:
    now = datetime.now(UTC)
    signing = Signing().rotated(now, timedelta(hours=1))

    def verified(generation: int, at: datetime) -> bool:
        signed = signature([secret(number) for number in signing.generations(at)], b"{}", now)
        try:
            return bool(stripe.WebhookSignature.verify_header("{}", signed, secret(generation)))
        except stripe.SignatureVerificationError:
            return False

    assert [verified(generation, now) for generation in (1, 2)] == [True, True]
    assert [verified(generation, now + timedelta(hours=1)) for generation in (1, 2)] == [False, True]


def test_a_second_rotation_ends_the_first_secret_at_once() -> None:
    twice = Signing().rotated(START, timedelta(hours=1)).rotated(START, timedelta(hours=1))

    assert twice.generations(START) == (3, 2)


def test_every_endpoint_tenant_and_generation_has_a_secret_of_its_own() -> None:
    secrets = {
        signing_secret(key, tenant, owner, generation)
        for key in (KEY, b"other")
        for tenant in (ACME, ACME_TEST, OTHER)
        for owner in ("wh_1", "wh_2", SESSION_URLS)
        for generation in (1, 2)
    }

    assert len(secrets) == 36
    assert all(text.startswith("whsec_") and len(text) == len("whsec_") + 43 and text.isascii() for text in secrets)


def test_an_attempt_carries_the_documented_headers() -> None:
    delivery = replace(begun(an_event(), Target("wh_1"), START), attempts=3)
    later = START + timedelta(hours=1)

    assert headers(delivery, [secret()], b"{}", later) == {
        "Content-Type": "application/json",
        "User-Agent": "Kallglot-Webhooks/1",
        SIGNATURE_HEADER: signature([secret()], b"{}", later),
        "Kallglot-Webhook-Id": delivery.id,
        "Kallglot-Retry-Count": "3",
        "Kallglot-Original-Timestamp": "1774522800",
    }


@pytest.mark.parametrize(
    ("asked", "kind", "expected"),
    [
        (("*",), EventType.SESSION_ENDED, True),
        (("session.ended",), EventType.SESSION_ENDED, True),
        (("session.*",), EventType.SESSION_ENDED, True),
        (("recording.*", "session.ended"), EventType.SESSION_ENDED, True),
        (("session.started",), EventType.SESSION_ENDED, False),
        (("recording.*",), EventType.SESSION_ENDED, False),
        ((), EventType.SESSION_ENDED, False),
    ],
)
def test_an_endpoint_gets_what_it_asks_for(asked: tuple[str, ...], kind: EventType, expected: bool) -> None:
    assert an_endpoint(events=asked).wants(kind) is expected
    assert not an_endpoint(events=asked, enabled=False).wants(kind)


def test_every_public_type_can_be_asked_for_and_no_internal_one() -> None:
    assert {"*", "session.*", "transcript.*", "recording.*", "analysis.*", "webhook.*"} <= filters()
    assert {kind.value for kind in PUBLIC} <= filters()
    assert not any(name.startswith("internal") for name in filters())


def test_an_event_goes_to_every_endpoint_that_wants_it() -> None:
    endpoints = [an_endpoint("wh_1"), an_endpoint("wh_2", enabled=False), an_endpoint("wh_3", events=("recording.*",))]

    assert targets_of(an_event(), endpoints) == (Target("wh_1"),)


def test_a_sessions_own_url_stands_for_all_endpoints() -> None:
    url = "https://calls.example.com/hook?call=1"
    event = replace(an_event(), webhook_url=url)

    assert targets_of(event, [an_endpoint()]) == (session_target(ACME, url),)


def test_a_test_goes_to_its_endpoint_even_if_it_asks_for_something_else() -> None:
    event = replace(an_event(kind=EventType.WEBHOOK_TEST, data={"id": "wh_2"}), session_id="", sequence=0)
    endpoints = [an_endpoint("wh_1"), an_endpoint("wh_2", events=("session.ended",))]

    assert targets_of(event, endpoints) == (Target("wh_2"),)


def test_urls_of_one_server_are_one_target() -> None:
    one = session_target(ACME, "https://calls.example.com/a")

    assert one.id == session_target(ACME, "https://calls.example.com/b?c").id
    assert one.id != session_target(ACME, "https://calls.example.com:8443/a").id
    assert one.id != session_target(OTHER, "https://calls.example.com/a").id
    assert session_target(ACME, "a URL of an earlier time").url == "a URL of an earlier time"


def test_an_endpoint_that_is_given_up_says_why_until_it_is_enabled_again() -> None:
    gone = given_up(an_endpoint(), DisabledReason.GONE, START)

    assert (gone.enabled, gone.disabled_reason, gone.disabled_at) == (False, DisabledReason.GONE, START)
    assert enabled_again(gone) == an_endpoint()
