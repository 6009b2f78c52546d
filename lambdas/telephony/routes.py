"""Where carriers ask and report: no API key, but the carrier's own signature by the connection's credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from core.domain import call_markup
from core.domain.telephony import Carrier
from core.errors import NotFound, PermissionDenied
from core.services.calls import HangUp, Instruction, Target
from core.telephony_ports import Order
from lambdas.rest.route import Route
from lambdas.runtime.telephony_wiring import Webhooks
from lambdas.telephony.requests import FORM, Asked, CarrierForm, read

_SIGNATURES = {Carrier.TWILIO: "X-Twilio-Signature", Carrier.TELNYX: "telnyx-signature-ed25519"}


def twilio_voice(services: Webhooks, event: Mapping[str, Any]) -> Response[str]:
    """The voice webhook of a Twilio number: a call gets a session, with the settings of the number and the defaults of
    the organization, and is streamed to it. Twilio asks here again when the stream has ended: the same call goes on in
    the same session while that lives, and is hung up after it. The called number says whose account's auth token must
    have made `X-Twilio-Signature`."""
    return _voice(services, event, Carrier.TWILIO)


def twilio_status(services: Webhooks, event: Mapping[str, Any]) -> Response[str]:
    """The status callback of Twilio, of numbers and of the calls that were dialed: it says when the session's telephone
    is connected and when it is gone. Reports may come twice and out of order."""
    return _status(services, event, Carrier.TWILIO)


def telnyx_voice(services: Webhooks, event: Mapping[str, Any]) -> Response[str]:
    """The voice webhook of a Telnyx TeXML application; otherwise as Twilio's. The called number says whose public key
    must verify `telnyx-signature-ed25519`; a request is good for five minutes."""
    return _voice(services, event, Carrier.TELNYX)


def telnyx_status(services: Webhooks, event: Mapping[str, Any]) -> Response[str]:
    """The status callback of a TeXML application (a form), and the webhooks of calls that were dialed (JSON)."""
    return _status(services, event, Carrier.TELNYX)


def _voice(services: Webhooks, event: Mapping[str, Any], carrier: Carrier) -> Response[str]:
    asked, target = _genuine(services, event, carrier)
    told = services.calls.answer(target, asked.call_id, asked.to_number, asked.from_number)
    return _document(_written(carrier, told))


def _status(services: Webhooks, event: Mapping[str, Any], carrier: Carrier) -> Response[str]:
    asked, target = _genuine(services, event, carrier)
    if asked.report is not None:
        services.calls.report(target, asked.call_id, asked.report)
    return _document(call_markup.nothing())


def _genuine(services: Webhooks, event: Mapping[str, Any], carrier: Carrier) -> tuple[Asked, Target]:
    """Raises NotFound or PermissionDenied; the work until then is the same for everybody."""
    asked = read(event, services.public_url)
    target = services.calls.target(carrier, asked.leg, asked.to_number)
    credentials = services.credentials.of(target.connection if target else services.nobodys[carrier])
    known = credentials if target and credentials else services.dummies[carrier]
    is_genuine = services.signatures[carrier].is_genuine(known, asked.signed, services.clock.now())
    if target is None and _SIGNATURES[carrier].lower() in asked.signed.headers:
        raise NotFound("number_not_found", "this deployment has no such number, and no such call")
    if target is None or credentials is None or not is_genuine:
        raise PermissionDenied("invalid_signature", "this was not signed by the account behind the number")
    return asked, target


def _written(carrier: Carrier, told: Instruction) -> str:
    if isinstance(told, Order):
        parameters = {"token": told.token, "participant": told.leg.participant}
        return call_markup.stream(carrier, told.stream_url, parameters, told.return_url)
    return call_markup.hang_up() if isinstance(told, HangUp) else call_markup.busy()


def _document(text: str) -> Response[str]:
    return Response(200, call_markup.CONTENT_TYPE, text, {"Cache-Control": "no-store"})


_TAG = "Carriers"
_ERRORS = ("number_not_found", "invalid_signature", "session_busy", "idempotency_conflict")


def _route(path: str, run: Callable[..., Response[str]], summary: str, carrier: Carrier) -> Route:
    return Route(
        *("POST", path, None, run),
        tag=_TAG,
        summary=summary,
        texts=(call_markup.CONTENT_TYPE,),
        body=CarrierForm,
        body_type=FORM,
        errors=_ERRORS,
        signature=_SIGNATURES[carrier],
    )


ROUTES = (
    _route("/v1/telephony/twilio/voice", twilio_voice, "Answer a call at Twilio", Carrier.TWILIO),
    _route("/v1/telephony/twilio/status", twilio_status, "Hear of a call at Twilio", Carrier.TWILIO),
    _route("/v1/telephony/telnyx/voice", telnyx_voice, "Answer a call at Telnyx", Carrier.TELNYX),
    _route("/v1/telephony/telnyx/status", telnyx_status, "Hear of a call at Telnyx", Carrier.TELNYX),
)
