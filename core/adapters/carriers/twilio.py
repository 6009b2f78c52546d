"""Twilio's REST API, by Twilio's own client.

A create takes no idempotency key, and a call carries no mark of ours that could be asked for: its events, which show
the status callback's URL, can be read a quarter of an hour after its end. So a lost call is looked for by its two
numbers and its time (docs/adr/0018), and better than that, the status callback names the leg within a second.

Source: Twilio's pages "Call resource" and "Call Event resource".
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from core.domain import call_markup
from core.domain.telephony import Carrier, Credentials, TwilioCredentials
from core.telephony_ports import CallRefused, CarrierBusy, Order, OutcomeUnknown

API_URL = "https://api.twilio.com"
TIMEOUT_S = 8.0
_RINGS_FOR_S = 60
_REPORTS = ["initiated", "ringing", "answered", "completed"]
# Twilio's clock and ours, and its dates are in whole seconds.
_CLOCKS_APART = timedelta(seconds=30)
_SEEN = 50
_AFTER_BUSY_S = 1.0
_OVER = frozenset({404, 400})

# It writes every number that is asked for into its log.
_quiet = logging.getLogger("twilio.http_client")
_quiet.setLevel(logging.WARNING)


class _Http(TwilioHttpClient):  # type: ignore[misc]
    """Elsewhere than at Twilio, when a deployment says so."""

    def __init__(self, api_url: str, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s, logger=_quiet)
        self._api_url = api_url.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, url.replace(API_URL, self._api_url, 1), *args, **kwargs)


@dataclass(frozen=True, slots=True)
class TwilioLine:
    api_url: str = API_URL
    timeout_s: float = TIMEOUT_S
    _http: _Http = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_http", _Http(self.api_url, self.timeout_s))

    def place(self, credentials: Credentials, order: Order) -> str:
        leg, calls = order.leg, self._client(credentials).calls
        parameters = {"token": order.token, "participant": leg.participant}
        with _translated():
            call = calls.create(
                to=leg.to_number,
                from_=leg.from_number,
                twiml=call_markup.stream(Carrier.TWILIO, order.stream_url, parameters, order.return_url),
                status_callback=order.status_url,
                status_callback_event=_REPORTS,
                status_callback_method="POST",
                timeout=_RINGS_FOR_S,
            )
        return _named(call.sid)

    def find(self, credentials: Credentials, order: Order) -> Sequence[str]:
        """Twilio lists the newest first."""
        leg = order.leg
        since = (leg.first_attempted_at or leg.created_at) - _CLOCKS_APART
        with _translated():
            listed = self._client(credentials).calls.list(to=leg.to_number, from_=leg.from_number, limit=_SEEN)
        return [
            call.sid
            for call in listed
            if call.sid and call.date_created and call.date_created >= since and call.direction == "outbound-api"
        ]

    def hang_up(self, credentials: Credentials, call_id: str) -> None:
        calls = self._client(credentials).calls
        try:
            with _translated(refused=lambda status: status not in _OVER):
                calls(call_id).update(status="completed")
        except _Over:
            return

    def _client(self, credentials: Credentials) -> Client:
        assert isinstance(credentials, TwilioCredentials)
        # Its own environment variables are not ours to obey.
        environment = {"TWILIO_REGION": "", "TWILIO_EDGE": ""}
        return Client(credentials.account_sid, credentials.auth_token, http_client=self._http, environment=environment)


class _Over(Exception):
    """There is no such call, or it has ended."""


@contextmanager
def _translated(refused: Callable[[int], bool] = lambda _status: True) -> Iterator[None]:
    """Only what certainly did not reach Twilio, and what Twilio has said no to, is known."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        raise _answered(error, refused) from error
    except NotConnected as error:
        raise (CarrierBusy(_AFTER_BUSY_S) if _was_never_sent(error) else OutcomeUnknown()) from error
    except (RequestException, TwilioException, ValueError) as error:
        raise OutcomeUnknown from error


def _answered(error: TwilioRestException | TwilioServiceException, refused: Callable[[int], bool]) -> Exception:
    if error.status == 429:
        return CarrierBusy(_AFTER_BUSY_S)
    if not 400 <= error.status < 500:
        return OutcomeUnknown()
    return CallRefused(str(error.code or error.status)) if refused(error.status) else _Over()


def _was_never_sent(error: NotConnected) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError | ConnectTimeoutError)


def _named(call_sid: str | None) -> str:
    if not call_sid:
        raise OutcomeUnknown
    return call_sid
