from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from nacl.signing import SigningKey

from core.adapters.carriers.signatures import TelnyxSignature, TwilioSignature
from core.telephony_ports import SignedRequest
from tests.fakes.carrier_requests import (
    Request,
    event_from_telnyx,
    form_from_telnyx,
    from_twilio,
    telnyx_credentials,
    twilio_credentials,
)

URL = "https://api.example.com/v1/telephony/twilio/voice"
FIELDS = {"CallSid": "CA1", "To": "+14155550100", "From": "+4930123456", "CallStatus": "ringing", "Empty": ""}
NOW = datetime(2026, 3, 26, 11, 0, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


def signed(request: Request, **changes: object) -> SignedRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    fields = parse_qs(request.body.decode(), keep_blank_values=True)
    return replace(SignedRequest(request.url, headers, request.body, fields), **changes)  # type: ignore[arg-type]


def by_twilio(request: SignedRequest) -> bool:
    return TwilioSignature().is_genuine(twilio_credentials(), request, NOW)


def by_telnyx(request: SignedRequest, now: datetime = NOW) -> bool:
    return TelnyxSignature().is_genuine(telnyx_credentials(), request, now)


def test_twilios_published_example_is_genuine() -> None:
    """From Twilio's page on the security of webhooks."""
    fields = {
        "CallSid": ["CA1234567890ABCDE"], "Caller": ["+14158675309"], "Digits": ["1234"], "From": ["+14158675309"],
        "To": ["+18005551212"],
    }  # fmt: skip
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    request = SignedRequest(url, {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}, b"", fields)
    credentials = replace(twilio_credentials(), auth_token="12345")
    assert TwilioSignature().is_genuine(credentials, request, NOW)
    assert not by_twilio(request)


def test_twilio_signs_the_url_and_every_field() -> None:
    request = signed(from_twilio(URL, FIELDS))
    assert by_twilio(request)
    changes: tuple[dict[str, Any], ...] = (
        {"url": URL + "?leg=x"},
        {"fields": {**request.fields, "To": ["+1900"]}},
        {"fields": {**request.fields, "Extra": ["1"]}},
        {"fields": {**request.fields, "To": ["+14155550100", "+1900"]}},
        {"headers": {}},
        {"headers": {"x-twilio-signature": "ü" * 28}},
        {"headers": {"x-twilio-signature": "A" * 500}},
    )
    for changed in changes:
        assert not by_twilio(replace(request, **changed)), changed


def test_another_accounts_token_signs_nothing_of_ours() -> None:
    assert not by_twilio(signed(from_twilio(URL, FIELDS, auth_token="another")))


def test_telnyx_signs_the_body_and_its_time() -> None:
    for request in (form_from_telnyx(URL, FIELDS, AT), event_from_telnyx(URL, "call.answered", {"x": "ü"}, AT)):
        genuine = signed(request) if b"=" in request.body else SignedRequest(URL, lower(request), request.body, {})
        assert by_telnyx(genuine)
        assert not by_telnyx(replace(genuine, body=genuine.body + b" "))
        assert not by_telnyx(replace(genuine, headers={**genuine.headers, "telnyx-timestamp": str(AT + 1)}))


def lower(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


@pytest.mark.parametrize(("apart_s", "genuine"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_a_telnyx_request_is_good_for_five_minutes(apart_s: int, genuine: bool) -> None:
    request = signed(form_from_telnyx(URL, FIELDS, AT))
    assert by_telnyx(request, NOW + timedelta(seconds=apart_s)) is genuine


@pytest.mark.parametrize("sent_at", ["", "soon", "-1", "1e9", "\uff19", "9" * 13, " 1774522800"])
def test_a_time_that_is_none_is_refused(sent_at: str) -> None:
    request = signed(form_from_telnyx(URL, FIELDS, AT))
    assert not by_telnyx(replace(request, headers={**request.headers, "telnyx-timestamp": sent_at}))


@pytest.mark.parametrize("signature", ["", "not base64!", base64.b64encode(b"short").decode(), "A" * 88])
def test_a_signature_that_is_none_is_refused(signature: str) -> None:
    request = signed(form_from_telnyx(URL, FIELDS, AT))
    assert not by_telnyx(replace(request, headers={**request.headers, "telnyx-signature-ed25519": signature}))


def test_another_key_signs_nothing_of_ours_and_a_key_that_is_none_believes_nobody() -> None:
    assert not by_telnyx(signed(form_from_telnyx(URL, FIELDS, AT, SigningKey(b"o" * 32))))
    request = signed(form_from_telnyx(URL, FIELDS, AT))
    for key in ("", "c2hvcnQ=", "!"):
        broken = replace(telnyx_credentials(), public_key=key)
        assert not TelnyxSignature().is_genuine(broken, request, NOW)
