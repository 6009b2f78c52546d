"""What each carrier's line does with every fate of a command, an answer and a call."""

from __future__ import annotations

import logging
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import fromstring

import pytest

from core.domain.client_state import ClientState, unpacked
from core.domain.legs import attempt
from core.domain.telephony import Carrier, Credentials, TelnyxCredentials, TwilioCredentials
from core.telephony_ports import CallRefused, CarrierBusy, CarrierLine, Order, OutcomeUnknown
from tests.builders import a_leg
from tests.contract.carriers.conftest import TIMEOUT_S, line_to
from tests.fakes.carrier_server import CarrierServer, Fault

THEIRS, OURS = "+4930123456", "+14155550100"


def an_order(carrier: str, leg_id: str = "leg_1") -> Order:
    now = datetime.now(UTC)
    leg = attempt(a_leg(leg_id, carrier=Carrier(carrier), participant="agent", created_at=now), now)
    named = f"?leg=sess_1.{leg_id}"
    base = f"https://api.example.com/v1/telephony/{carrier}"
    return Order(
        leg, "wss://stream.example.com/v1/sessions/sess_1/connect", "kst_live_x", f"{base}/status{named}",
        f"{base}/voice{named}",
    )  # fmt: skip


def test_a_call_is_placed_and_named(
    line: CarrierLine, credentials: Credentials, carrier: str, server: CarrierServer
) -> None:
    call_id = line.place(credentials, an_order(carrier))
    (call,) = server.calls
    assert (call.id, call.to, call.from_) == (call_id, THEIRS, OURS)


def test_twilio_is_told_where_to_stream_where_to_come_back_and_where_to_report(server: CarrierServer) -> None:
    order = an_order("twilio")
    line_to("twilio", server).place(TwilioCredentials("AC" + "0" * 32, "local-auth-token"), order)
    command = server.calls[0].command
    assert (command["StatusCallback"], command["StatusCallbackMethod"]) == (order.status_url, "POST")
    assert command["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    response = fromstring(command["Twiml"])
    assert [verb.tag for verb in response] == ["Connect", "Pause", "Redirect"]
    stream, redirect = response[0][0], response[2]
    assert (stream.get("url"), redirect.text) == (order.stream_url, order.return_url)
    parameters = {parameter.get("name"): parameter.get("value") for parameter in stream}
    assert parameters == {"token": "kst_live_x", "participant": "agent"}
    assert "kst_live_x" not in (order.stream_url + order.status_url + order.return_url)


def test_telnyx_gets_our_marks_and_streams_both_ways(server: CarrierServer) -> None:
    order = an_order("telnyx")
    line_to("telnyx", server).place(TelnyxCredentials("local-api-key", "", "1494404757140276705"), order)
    command = server.calls[0].command
    assert (command["connection_id"], command["command_id"]) == ("1494404757140276705", "leg_1")
    assert (command["stream_url"], command["stream_track"]) == (order.stream_url, "inbound_track")
    assert (command["stream_bidirectional_mode"], command["stream_bidirectional_codec"]) == ("rtp", "PCMU")
    assert (command["webhook_url"], command["webhook_url_method"]) == (order.status_url, "POST")
    assert unpacked(command["client_state"]) == ClientState("sess_1", "leg_1", "agent", "kst_live_x")


@pytest.mark.parametrize(
    "fault", [Fault.CUT_AFTER, Fault.CUT_BEFORE, Fault.ERROR_AFTER, Fault.ERROR_BEFORE, Fault.HALF_AN_ANSWER]
)
def test_a_lost_answer_is_a_doubt_and_the_client_repeats_nothing(
    line: CarrierLine, credentials: Credentials, carrier: str, server: CarrierServer, fault: Fault
) -> None:
    server.faults = [fault]
    with pytest.raises(OutcomeUnknown):
        line.place(credentials, an_order(carrier))
    assert len(server.commands) == 1


def test_an_answer_that_does_not_come_is_a_doubt(carrier: str, credentials: Credentials, server: CarrierServer) -> None:
    server.faults = [Fault.SILENT_AFTER]
    with pytest.raises(OutcomeUnknown):
        line_to(carrier, server, TIMEOUT_S).place(credentials, an_order(carrier))
    assert (len(server.commands), len(server.calls)) == (1, 1)


def test_a_carrier_that_has_too_many_has_not_placed_it(
    line: CarrierLine, credentials: Credentials, carrier: str, server: CarrierServer
) -> None:
    server.faults = [Fault.TOO_MANY]
    with pytest.raises(CarrierBusy) as busy:
        line.place(credentials, an_order(carrier))
    assert (busy.value.retry_after_s, server.calls, len(server.commands)) == (1.0, [], 1)


def test_a_carrier_that_nobody_reaches_has_not_placed_it(carrier: str, credentials: Credentials) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = CarrierServer(port=probe.getsockname()[1])
    with pytest.raises(CarrierBusy):
        line_to(carrier, nobody).place(credentials, an_order(carrier))


def test_a_refusal_is_final_and_names_a_code_and_no_number(
    line: CarrierLine, credentials: Credentials, carrier: str, server: CarrierServer
) -> None:
    server.faults = [Fault.REFUSED]
    with pytest.raises(CallRefused) as refused:
        line.place(credentials, an_order(carrier))
    assert str(refused.value) == {"twilio": "21211", "telnyx": "10002"}[carrier]


def test_wrong_credentials_are_a_refusal(line: CarrierLine, carrier: str) -> None:
    wrong = TwilioCredentials("AC" + "0" * 32, "no") if carrier == "twilio" else TelnyxCredentials("no", "", "1")
    with pytest.raises(CallRefused):
        line.place(wrong, an_order(carrier))
    # Twilio's client does not say why a list could not be had.
    with pytest.raises((CallRefused, OutcomeUnknown)):
        line.find(wrong, an_order(carrier))


def test_a_call_whose_answer_was_lost_is_found(
    line: CarrierLine, credentials: Credentials, carrier: str, server: CarrierServer
) -> None:
    order = an_order(carrier)
    assert line.find(credentials, order) == []
    server.faults = [Fault.CUT_AFTER]
    with pytest.raises(OutcomeUnknown):
        line.place(credentials, order)
    assert line.find(credentials, order) == [server.calls[0].id]


def test_twilio_finds_what_may_be_it_by_numbers_and_time(server: CarrierServer) -> None:
    line, credentials = line_to("twilio", server), TwilioCredentials("AC" + "0" * 32, "local-auth-token")
    order = an_order("twilio")
    older = server.ring("twilio", THEIRS, OURS, {})
    older.created_at -= timedelta(minutes=5)
    server.ring("twilio", "+4930999", OURS, {})
    server.ring("twilio", THEIRS, "+14155550199", {})
    assert line.find(credentials, order) == []
    may_be = server.ring("twilio", THEIRS, OURS, {})
    assert line.find(credentials, order) == [may_be.id]


def test_telnyx_finds_its_own_by_our_mark_among_any_number_of_others(server: CarrierServer) -> None:
    line, credentials = line_to("telnyx", server), TelnyxCredentials("local-api-key", "", "1494404757140276705")
    for number in range(5):
        server.ring("telnyx", THEIRS, OURS, {"client_state": "bm90IG91cnM=", "command_id": str(number)})
    ours = line.place(credentials, an_order("telnyx", "leg_7"))
    line.place(credentials, an_order("telnyx", "leg_8"))
    assert line.find(credentials, an_order("telnyx", "leg_7")) == [ours]


def test_telnyx_ignores_a_repeated_command_and_what_it_says_then_is_no_name(server: CarrierServer) -> None:
    line, credentials = line_to("telnyx", server), TelnyxCredentials("local-api-key", "", "1494404757140276705")
    line.place(credentials, an_order("telnyx"))
    with pytest.raises(OutcomeUnknown):
        line.place(credentials, an_order("telnyx"))
    assert len(server.calls) == 1


def test_a_call_is_hung_up_once_and_again_without_complaint(
    line: CarrierLine, credentials: Credentials, carrier: str, server: CarrierServer
) -> None:
    call_id = line.place(credentials, an_order(carrier))
    line.hang_up(credentials, call_id)
    assert server.live() == []
    line.hang_up(credentials, call_id)
    line.hang_up(credentials, "CA-unknown" if carrier == "twilio" else "v3:unknown")


def test_a_list_that_fails_is_a_doubt_too(carrier: str, credentials: Credentials, server: CarrierServer) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = CarrierServer(port=probe.getsockname()[1])
    with pytest.raises((CarrierBusy, OutcomeUnknown)):
        line_to(carrier, nobody).find(credentials, an_order(carrier))


def test_nothing_that_a_carrier_is_asked_is_logged(
    line: CarrierLine, credentials: Credentials, carrier: str, server: CarrierServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    order = an_order(carrier)
    line.find(credentials, order)
    line.hang_up(credentials, line.place(credentials, order))
    server.faults = [Fault.REFUSED]
    with pytest.raises(CallRefused) as refused:
        line.place(credentials, replace(order, leg=replace(order.leg, id="leg_2")))
    said = caplog.text + str(refused.value) + repr(order)
    for secret in ("kst_live_x", "local-auth-token", "local-api-key"):
        assert secret not in said
    assert THEIRS.lstrip("+") not in caplog.text + str(refused.value)
