"""The helper that decides whether a webhook is believed; judged beside Stripe's, whose scheme it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from core.domain.webhooks import signature
from kallglot import Event, SignatureInvalid, construct_event, verify_webhook

SECRET, OLD_SECRET, OTHER = "whsec_new", "whsec_old", "whsec_somebody_elses"
AT = 1_800_000_000
BODY = json.dumps({"id": "evt_1", "type": "session.ended", "sequence": 7, "data": {"id": "sess_1"}, "more": 1}).encode()


def signed(body: bytes = BODY, *secrets: str, at: int = AT) -> str:
    """As the product does it."""
    return signature(secrets or (SECRET,), body, datetime.fromtimestamp(at, UTC))


def ours(body: bytes, header: str, secret: str = SECRET) -> bool:
    try:
        verify_webhook(body, header, secret, None)
    except SignatureInvalid:
        return False
    return True


def stripes(body: bytes, header: str, secret: str = SECRET) -> bool:
    try:
        verified: bool = stripe.WebhookSignature.verify_header(body.decode(), header, secret, None)
    except stripe.SignatureVerificationError:
        return False
    return verified


def test_an_event_is_read_from_what_is_signed() -> None:
    event = construct_event(BODY, signed(), SECRET, now=lambda: AT + 299)
    assert isinstance(event, Event)
    assert (event.id, event.type, event.sequence, event.data, event["more"]) == (
        "evt_1",
        "session.ended",
        7,
        {"id": "sess_1"},
        1,
    )


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_while_a_secret_is_rotated_either_will_do(secret: str) -> None:
    header = signed(BODY, SECRET, OLD_SECRET)
    assert header.count("v1=") == 2
    assert ours(BODY, header, secret) and stripes(BODY, header, secret)
    assert not ours(BODY, header, OTHER) and not stripes(BODY, header, OTHER)


@pytest.mark.parametrize("late_s", [-301, 301, 100_000])
def test_what_is_too_old_or_from_the_future_is_refused(late_s: int) -> None:
    with pytest.raises(SignatureInvalid, match="clock"):
        verify_webhook(BODY, signed(), SECRET, now=lambda: AT + late_s)
    verify_webhook(BODY, signed(), SECRET, None, now=lambda: AT + late_s)
    verify_webhook(BODY, signed(), SECRET, 200_000, now=lambda: AT + late_s)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        "v1=aa",
        "nonsense",
        "t=,v1=aa",
        "t=x,v1=aa",
        "t=-1,v1=aa",
        "t=1,t=2,v1=aa",
        "t=1,v1=",
        f"t={AT},v0={'a' * 64}",
        f"t={AT},v1=é",
        "t=1," + "v1=aa," * 10_000,
    ],
)
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(SignatureInvalid):
        verify_webhook(BODY, header, SECRET, None)


def test_another_scheme_beside_ours_is_left_alone() -> None:
    assert ours(BODY, f"v0=abc, {signed().replace(',', ' , ')}")


def test_the_time_is_signed_too() -> None:
    assert not ours(BODY, signed().replace(f"t={AT}", f"t={AT + 1}"))


def test_a_body_that_was_read_and_written_again_is_another() -> None:
    again = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
    assert not ours(again, signed())


@pytest.mark.parametrize("wrong", [BODY.decode(), json.loads(BODY), None])
def test_what_is_not_the_raw_body_is_a_mistake_that_is_named(wrong: Any) -> None:
    with pytest.raises(TypeError, match="as it came"):
        verify_webhook(wrong, signed(), SECRET)


def test_no_secret_is_a_mistake_too() -> None:
    with pytest.raises(ValueError, match="secret"):
        verify_webhook(BODY, signed(BODY, ""), "", None)


@pytest.mark.parametrize("body", [b"[]", b"3", b"not json"])
def test_signed_nonsense_is_no_event(body: bytes) -> None:
    with pytest.raises(ValueError):
        construct_event(body, signed(body), SECRET, None)


@given(
    body=st.text(max_size=40).map(str.encode),
    tampered=st.text(max_size=40).map(str.encode),
    secret=st.sampled_from([SECRET, OLD_SECRET, OTHER]),
)
def test_stripes_implementation_always_says_the_same(body: bytes, tampered: bytes, secret: str) -> None:
    header = signed(body, SECRET, OLD_SECRET)
    expected = tampered == body and secret != OTHER
    assert ours(tampered, header, secret) is expected
    assert stripes(tampered, header, secret) is expected
