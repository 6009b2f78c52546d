"""Telnyx's Call Control API, by Telnyx's own client.

A dial carries two marks of ours: `command_id`, by which Telnyx ignores a repeated command for about a minute, and
`client_state`, which comes back in the list of active calls, in every webhook and in the stream's start message; there
the worker takes its token from, because a dial knows no custom parameters.

Source: Telnyx's pages "Dial", "List all active calls for given connection", "Receiving webhooks", "Media streaming".
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from telnyx import APIConnectionError, APIStatusError, Telnyx, TelnyxError

from core.domain.client_state import ClientState, packed, unpacked
from core.domain.telephony import Credentials, TelnyxCredentials
from core.telephony_ports import CallRefused, CarrierBusy, Order, OutcomeUnknown

API_URL = "https://api.telnyx.com/v2"
TIMEOUT_S = 8.0
_RINGS_FOR_S = 60
_PAGE = 250
_SEEN = 2000
_AFTER_BUSY_S = 1.0
_OVER = frozenset({404, 422})

# It writes the address of every request into its log.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class TelnyxLine:
    api_url: str = API_URL
    timeout_s: float = TIMEOUT_S

    def place(self, credentials: Credentials, order: Order) -> str:
        assert isinstance(credentials, TelnyxCredentials)
        leg = order.leg
        with self._client(credentials) as client, _translated():
            answer = client.calls.dial(
                connection_id=credentials.application_id,
                to=leg.to_number,
                from_=leg.from_number,
                command_id=leg.id,
                client_state=packed(ClientState(leg.session_id, leg.id, leg.participant, order.token)),
                stream_url=order.stream_url,
                stream_track="inbound_track",
                stream_bidirectional_mode="rtp",
                stream_bidirectional_codec="PCMU",
                webhook_url=order.status_url,
                webhook_url_method="POST",
                timeout_secs=_RINGS_FOR_S,
            )
        # A command that Telnyx recognised and ignored may say nothing of the call.
        if answer.data is None or not answer.data.call_control_id:
            raise OutcomeUnknown
        return answer.data.call_control_id

    def find(self, credentials: Credentials, order: Order) -> Sequence[str]:
        assert isinstance(credentials, TelnyxCredentials)
        with self._client(credentials) as client, _translated():
            active = list(_active(client, credentials.application_id))
        marked = [(call_id, unpacked(state)) for call_id, state in active]
        return [call_id for call_id, state in marked if state and state.leg_id == order.leg.id]

    def hang_up(self, credentials: Credentials, call_id: str) -> None:
        assert isinstance(credentials, TelnyxCredentials)
        with self._client(credentials) as client:
            try:
                with _translated():
                    client.calls.actions.hangup(call_id)
            except CallRefused as refused:
                cause = refused.__cause__
                if not (isinstance(cause, APIStatusError) and cause.status_code in _OVER):
                    raise

    def _client(self, credentials: TelnyxCredentials) -> Telnyx:
        """Without the repetitions that it makes by itself: a repeated dial is our own decision."""
        return Telnyx(
            api_key=credentials.api_key, base_url=self.api_url, timeout=httpx.Timeout(self.timeout_s), max_retries=0
        )


def _active(client: Telnyx, application_id: str) -> Iterator[tuple[str, str | None]]:
    """The client counts pages where the API gives cursors: stop when a page brings nothing new."""
    seen: set[str] = set()
    for call in client.connections.list_active_calls(application_id, page_size=_PAGE):
        if call.call_control_id in seen or len(seen) >= _SEEN:
            return
        seen.add(call.call_control_id)
        yield call.call_control_id, call.client_state


@contextmanager
def _translated() -> Iterator[None]:
    """Only what certainly did not reach Telnyx, and what Telnyx has said no to, is known."""
    try:
        yield
    except APIStatusError as error:
        raise _answered(error) from error
    except APIConnectionError as error:
        never_sent = isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
        raise (CarrierBusy(_AFTER_BUSY_S) if never_sent else OutcomeUnknown()) from error
    except (TelnyxError, httpx.HTTPError, ValueError) as error:
        raise OutcomeUnknown from error


def _answered(error: APIStatusError) -> Exception:
    if error.status_code == 429:
        return CarrierBusy(_retry_after_s(error.response.headers.get("retry-after", "")))
    return CallRefused(_code(error)) if 400 <= error.status_code < 500 else OutcomeUnknown()


def _retry_after_s(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 5 else _AFTER_BUSY_S


def _code(error: APIStatusError) -> str:
    """Telnyx's own code, which names the reason and no number."""
    try:
        return str(error.body["errors"][0]["code"])  # type: ignore[index]
    except (KeyError, IndexError, TypeError):
        return str(error.status_code)
