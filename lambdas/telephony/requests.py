"""What a carrier sends, as models: a form with Twilio's names (TwiML and TeXML), or Telnyx's JSON of a dialed call."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qs, urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.domain.legs import Report
from core.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from core.services.orders import named_leg
from core.telephony_ports import SignedRequest
from lambdas.runtime.credentials import header_values
from lambdas.telephony.reports import of_call_status, of_telnyx_event

MAX_BYTES = 64 * 1024
MAX_FIELDS = 300
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")

Model = TypeVar("Model", bound=BaseModel)
CallId = Annotated[str, Field(min_length=1, max_length=200)]
Party = Annotated[str, Field(max_length=255)]


class _Sent(BaseModel):
    """Carriers add fields as they like."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class CarrierForm(_Sent):
    """The fields that are read of a carrier's form."""

    CallSid: Annotated[CallId, Field(description="The carrier's name of the call.")]
    To: Annotated[Party, Field(description="Who is called.")] = ""
    From: Annotated[Party, Field(description="Who calls.")] = ""
    CallStatus: Annotated[str, Field(max_length=40)] = ""


class _Payload(_Sent):
    call_control_id: CallId
    hangup_cause: Annotated[str, Field(max_length=60)] = ""


class _Data(_Sent):
    event_type: Annotated[str, Field(max_length=60)]
    payload: _Payload


class TelnyxEvent(_Sent):
    data: _Data


@dataclass(frozen=True, slots=True)
class Asked:
    """`from_number` is empty when it is none; `report` None when it says nothing new. `leg`: session and leg."""

    signed: SignedRequest
    call_id: str
    to_number: str
    from_number: str
    report: Report | None
    leg: tuple[str, str] | None


def read(event: Mapping[str, Any], public_url: str) -> Asked:
    """Raises PayloadTooLarge, UnsupportedMediaType or InvalidRequest."""
    body, kind = _body(event), _content_type(event)
    leg = _leg(event)
    if kind == JSON:
        told = _validated(TelnyxEvent, _json(body)).data
        signed = SignedRequest(_url(event, public_url), _headers(event), body, {})
        report = of_telnyx_event(told.event_type, told.payload.hangup_cause)
        return Asked(signed, told.payload.call_control_id, "", "", report, leg)
    fields = _fields(body)
    form = _validated(CarrierForm, {name: values[0] for name, values in fields.items()})
    signed = SignedRequest(_url(event, public_url), _headers(event), body, fields)
    from_number = form.From if _E164.fullmatch(form.From) else ""
    return Asked(signed, form.CallSid, form.To, from_number, of_call_status(form.CallStatus), leg)


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    try:
        raw = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else str(text).encode()
    except (binascii.Error, ValueError):
        raise _unreadable() from None
    if len(raw) > MAX_BYTES:
        raise PayloadTooLarge("payload_too_large", f"the body is larger than {MAX_BYTES} bytes")
    return raw


def _content_type(event: Mapping[str, Any]) -> str:
    kinds = {value.partition(";")[0].strip().lower() for value in header_values(event, "content-type")}
    if len(kinds) != 1 or not kinds <= {FORM, JSON}:
        raise UnsupportedMediaType("unsupported_media_type", f"send the body as {FORM} or {JSON}")
    return kinds.pop()


def _fields(body: bytes) -> Mapping[str, Sequence[str]]:
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise _unreadable() from None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise _unreadable() from None


def _validated(model: type[Model], value: Any) -> Model:
    """What is wrong is not said: it would be to whoever has not signed it."""
    try:
        return model.model_validate(value)
    except ValidationError:
        raise _unreadable() from None


def _url(event: Mapping[str, Any], public_url: str) -> str:
    """As the carrier was told it: what stood between it and us may have changed the host, the path and the port."""
    query = event.get("multiValueQueryStringParameters") or {}
    return public_url.rstrip("/") + str(event["path"]) + (f"?{urlencode(query, doseq=True)}" if query else "")


def _headers(event: Mapping[str, Any]) -> Mapping[str, str]:
    return {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}


def _leg(event: Mapping[str, Any]) -> tuple[str, str] | None:
    """One that is named wrongly is as good as one that is not there."""
    named = (event.get("queryStringParameters") or {}).get("leg")
    return None if named is None else named_leg(str(named)) or ("", "")


def _unreadable() -> InvalidRequest:
    return InvalidRequest("invalid_request", "this is not a carrier's request")
