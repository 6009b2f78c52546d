"""Requests as the carriers make them to us: forms and JSON, signed with what a test's credentials say."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from nacl.signing import SigningKey
from twilio.request_validator import RequestValidator

from core.domain.telephony import TelnyxCredentials, TwilioCredentials

TELNYX_KEY = SigningKey(b"k" * 32)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def twilio_credentials() -> TwilioCredentials:
    return TwilioCredentials("AC" + "0" * 32, "local-auth-token")


def telnyx_credentials() -> TelnyxCredentials:
    return TelnyxCredentials(
        "local-api-key", base64.b64encode(bytes(TELNYX_KEY.verify_key)).decode(), "1494404757140276705"
    )


@dataclass(frozen=True)
class Request:
    """What is sent, byte for byte."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def from_twilio(url: str, fields: Mapping[str, str], auth_token: str = "local-auth-token") -> Request:
    signature = RequestValidator(auth_token).compute_signature(url, fields)
    return Request(url, urlencode(fields).encode(), {"Content-Type": FORM, "X-Twilio-Signature": signature})


def form_from_telnyx(url: str, fields: Mapping[str, str], sent_at: int, key: SigningKey = TELNYX_KEY) -> Request:
    return _signed_by_telnyx(url, urlencode(fields).encode(), FORM, sent_at, key)


def event_from_telnyx(
    url: str, kind: str, payload: Mapping[str, Any], sent_at: int, key: SigningKey = TELNYX_KEY
) -> Request:
    event = {"data": {"event_type": kind, "id": "evt-1", "record_type": "event", "payload": dict(payload)}}
    return _signed_by_telnyx(url, json.dumps(event).encode(), JSON, sent_at, key)


def _signed_by_telnyx(url: str, body: bytes, kind: str, sent_at: int, key: SigningKey) -> Request:
    signature = key.sign(str(sent_at).encode() + b"|" + body).signature
    headers = {
        "Content-Type": kind,
        "telnyx-timestamp": str(sent_at),
        "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
    }
    return Request(url, body, headers)
