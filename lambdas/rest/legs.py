"""/v1/sessions/{id}/dial: a telephone call into a session."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.services.dialing import Dial
from lambdas.rest.call import Call, answer_response
from lambdas.rest.route import Route
from lambdas.rest.schemas import DialLeg


def dial(call: Call, session_id: str) -> Response[str]:
    """Calls somebody into the session, by one of the organization's Twilio or Telnyx connections, or its SIP trunk. The
    answer is a promise: the call is placed in the next moments, once and never twice for one `Idempotency-Key`, even
    when the carrier's answer is lost. What becomes of it is told by the session's `provider` and by
    `session.provider.connected` and `session.provider.disconnected`; a call that came to nothing says why in
    `provider.reason`. `from` is a number of the organization's; without it, the session's own, or the first one of the
    default connection. A SIP URI is called through the organization's trunk (`/v1/sip`), and so is a number in a
    session whose provider is `sip`; then `from` is any number that the trunk lets you show."""
    asked, key = call.asked(DialLeg)
    wanted = Dial(asked.to, asked.from_, asked.participant)
    return answer_response(call.services.dialing.dial(call.tenant, session_id, wanted, key))


ROUTES = (
    Route(
        *("POST", "/v1/sessions/<session_id>/dial", Scope.SESSIONS_WRITE, dial),
        tag="Sessions",
        summary="Dial into a session",
        body=DialLeg,
        status=202,
        answer="Leg",
        idempotent=True,
        errors=(
            *("insufficient_api_credits", "session_not_found", "no_route"),
            *("session_ended", "too_many_legs", "session_busy"),
        ),
    ),
)
