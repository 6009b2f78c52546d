"""Carriers' requests, as they come through API Gateway: who is believed, and what is answered."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from nacl.signing import SigningKey

from core.domain.legs import LegEnd, LegStatus
from core.domain.organizations import Organization
from core.domain.sessions import EndReason
from core.services.dialing import Dial
from tests.builders import ACME
from tests.fakes.carrier_requests import event_from_telnyx, form_from_telnyx, from_twilio
from tests.fakes.carrier_webhooks import PUBLIC_URL, TELNYX_NUMBER, WebhookWorld, delivered
from tests.fakes.telephones import OURS, THEIRS

VOICE = f"{PUBLIC_URL}/v1/telephony/twilio/voice"


@pytest.fixture
def world() -> WebhookWorld:
    return WebhookWorld()


def the_session(world: WebhookWorld) -> str:
    created = [event for event in world.sessions.events if event.type == "session.created"]
    assert len(created) == 1
    return created[0].session_id


def dialed(world: WebhookWorld, number: str | None = None) -> tuple[str, str]:
    """A session with a call on its way, and the query that names its leg."""
    session = world.session()
    world.dialing.dial(ACME, session.id, Dial(THEIRS, number))
    leg = world.leg(session.id)
    if number is None:
        world.placing.place(ACME, session.id, leg.id)
    return session.id, f"?leg={session.id}.{leg.id}"


def test_a_call_to_a_twilio_number_is_streamed_into_a_session_of_its_own(world: WebhookWorld) -> None:
    answered = world.twilio("voice")
    assert (answered.status, answered.headers["Content-Type"]) == (200, "text/xml")
    assert answered.headers["X-Request-ID"].startswith("req_")
    response = fromstring(answered.text)
    assert [verb.tag for verb in response] == ["Connect", "Pause", "Redirect"]
    stream = response[0][0]
    session_id = the_session(world)
    assert stream.get("url") == f"wss://stream.example.com/v1/sessions/{session_id}/connect"
    parameters = {parameter.get("name"): parameter.get("value", "") for parameter in stream}
    assert parameters["token"].startswith("kst_live_")
    assert parameters["participant"] == "customer"
    assert response[2].text == "https://api.example.com/v1/telephony/twilio/voice"


def test_a_call_to_a_telnyx_number_likewise(world: WebhookWorld) -> None:
    answered = world.telnyx("voice")
    assert answered.status == 200
    (stream,) = fromstring(answered.text)[0]
    assert stream.get("bidirectionalMode") == "rtp"
    provider = world.stored(the_session(world)).provider
    assert provider is not None
    assert (provider.type, provider.details["call_control_id"]) == ("telnyx", "v3:1")


def test_the_redirect_finds_the_same_session_until_it_is_over(world: WebhookWorld) -> None:
    first, second = world.twilio("voice"), world.twilio("voice", CallStatus="in-progress")
    assert (first.status, second.text) == (200, first.text)
    world.service.end(ACME, the_session(world), EndReason.COMPLETED)
    assert world.twilio("voice").text == "<Response><Hangup /></Response>"


def test_nobody_who_can_answer_is_a_busy_line(world: WebhookWorld) -> None:
    world.access.put_organization(Organization("org_acme", "Acme", active=False))
    assert world.twilio("voice").text == '<Response><Reject reason="busy" /></Response>'


@pytest.mark.parametrize("what", ["voice", "status"])
def test_what_the_account_has_not_signed_is_refused_and_does_nothing(world: WebhookWorld, what: str) -> None:
    genuine = from_twilio(f"{PUBLIC_URL}/v1/telephony/twilio/{what}", {"CallSid": "CA1", "To": OURS})
    for forged in (
        replace(genuine, body=genuine.body + b"&From=%2B1"),
        replace(genuine, headers={"Content-Type": genuine.headers["Content-Type"]}),
        from_twilio(genuine.url, {"CallSid": "CA1", "To": OURS}, auth_token="another"),
        from_twilio(genuine.url.replace("https", "http"), {"CallSid": "CA1", "To": OURS}),
    ):
        answered = world.ask(forged)
        assert (answered.status, answered.code) == (403, "invalid_signature")
    assert world.sessions.events == []


def test_the_url_that_was_signed_is_made_of_our_settings_whatever_host_it_came_to(world: WebhookWorld) -> None:
    forged = from_twilio("https://evil.example/v1/telephony/twilio/voice", {"CallSid": "CA1", "To": OURS})
    event = delivered(forged)
    event["headers"]["Host"] = "evil.example"
    assert world.ask(forged, **event).status == 403


def test_a_number_that_is_not_ours_is_not_found_after_the_same_work(world: WebhookWorld) -> None:
    unknown = world.twilio("voice", To="+19005550000")
    assert (unknown.status, unknown.code) == (404, "number_not_found")
    assert "9005550000" not in unknown.text
    assert world.asked_for == ["nobody"]
    assert world.telnyx("voice", To=OURS).status == 404, "a number of the other carrier"


def test_who_signs_nothing_is_not_told_which_numbers_there_are(world: WebhookWorld) -> None:
    for number in (OURS, "+19005550000"):
        signed = from_twilio(f"{PUBLIC_URL}/v1/telephony/twilio/voice", {"CallSid": "CA1", "To": number})
        unsigned = world.ask(replace(signed, headers={"Content-Type": signed.headers["Content-Type"]}))
        assert (unsigned.status, unsigned.code) == (403, "invalid_signature")


def test_a_number_without_credentials_believes_nobody(world: WebhookWorld) -> None:
    world.secrets.held.clear()
    assert (world.twilio("voice").status, world.telnyx("voice").status) == (403, 403)


def test_a_telnyx_request_is_good_for_five_minutes_and_by_its_own_key(world: WebhookWorld) -> None:
    assert world.telnyx("voice", sent_at=world.at - 301).code == "invalid_signature"
    assert world.telnyx("voice", sent_at=world.at - 299).status == 200
    url = f"{PUBLIC_URL}/v1/telephony/telnyx/voice"
    other = form_from_telnyx(url, {"CallSid": "v3:2", "To": TELNYX_NUMBER}, world.at, SigningKey(b"o" * 32))
    assert world.ask(other).code == "invalid_signature"


@pytest.mark.parametrize(
    ("words", "status", "end"),
    [
        (["initiated", "ringing"], "pending", None),
        (["ringing", "in-progress"], "connected", None),
        (["in-progress", "completed"], "disconnected", None),
        (["ringing", "busy"], "disconnected", "busy"),
        (["ringing", "no-answer", "in-progress"], "disconnected", "no_answer"),
        (["failed"], "disconnected", "failed"),
        (["canceled"], "disconnected", "canceled"),
        (["something new"], "pending", None),
    ],
)
def test_twilios_reports_of_a_dialed_call_drive_the_provider(
    world: WebhookWorld, words: list[str], status: str, end: str | None
) -> None:
    session_id, leg = dialed(world)
    for word in words:
        answered = world.twilio("status", leg, To=THEIRS, From=OURS, CallStatus=word)
        assert (answered.status, answered.text) == (200, "<Response />")
    provider = world.stored(session_id).provider
    assert provider is not None
    assert (provider.status, provider.details.get("reason")) == (status, end)


@pytest.mark.parametrize(
    ("events", "status", "end"),
    [
        ([("call.initiated", {})], "pending", None),
        ([("call.initiated", {}), ("call.answered", {})], "connected", None),
        ([("call.answered", {}), ("call.hangup", {"hangup_cause": "normal_clearing"})], "disconnected", None),
        ([("call.hangup", {"hangup_cause": "user_busy"}), ("call.initiated", {})], "disconnected", "busy"),
        ([("call.hangup", {"hangup_cause": "timeout"})], "disconnected", "no_answer"),
        ([("call.hangup", {"hangup_cause": "new_cause"})], "disconnected", "failed"),
        ([("streaming.started", {})], "pending", None),
    ],
)
def test_telnyx_events_of_a_dialed_call_drive_the_provider(
    world: WebhookWorld, events: list[tuple[str, dict[str, str]]], status: str, end: str | None
) -> None:
    session_id, leg = dialed(world, TELNYX_NUMBER)
    for kind, payload in events:
        assert world.telnyx_event(leg, kind, **payload).status == 200
    provider = world.stored(session_id).provider
    assert provider is not None
    assert (provider.status, provider.details.get("reason")) == (status, end)


def test_the_report_that_comes_first_names_the_call_whose_answer_was_lost(world: WebhookWorld) -> None:
    session_id, leg = dialed(world, TELNYX_NUMBER)
    world.telnyx_event(leg, "call.initiated")
    assert (world.leg(session_id).call_id, world.leg(session_id).status) == ("v3:1", LegStatus.DIALING)


def test_a_number_reports_the_end_of_a_call_that_came_in(world: WebhookWorld) -> None:
    world.twilio("voice")
    assert world.twilio("status", CallStatus="completed").status == 200
    leg = world.leg(the_session(world))
    assert (leg.status, leg.ended_as) == (LegStatus.ENDED, LegEnd.COMPLETED)
    assert world.told()[-1] == "session.provider.disconnected"


@pytest.mark.parametrize("leg", ["?leg=", "?leg=sess_9.leg_9", "?leg=sess_1", "?leg=../x.leg_1", "?leg=sess_1.leg_9"])
def test_a_leg_that_is_not_there_is_not_found_even_for_an_own_number(world: WebhookWorld, leg: str) -> None:
    dialed(world)
    assert world.twilio("status", leg, CallStatus="completed").status == 404


def test_a_leg_is_reported_by_its_own_account_only(world: WebhookWorld) -> None:
    session_id, leg = dialed(world)
    assert world.twilio("status", leg, "another", CallStatus="completed").status == 403
    assert world.leg(session_id).is_live


def test_a_dialed_call_is_streamed_again_when_it_comes_back(world: WebhookWorld) -> None:
    session_id, leg = dialed(world)
    answered = world.twilio("voice", leg, To=THEIRS, From=OURS)
    assert f"/v1/sessions/{session_id}/connect" in answered.text
    assert fromstring(answered.text)[2].text == f"https://api.example.com/v1/telephony/twilio/voice{leg}"
    stranger = world.twilio("voice", leg, CallSid="CA-second", To=THEIRS, From=OURS)
    assert stranger.text == "<Response><Hangup /></Response>"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"body": "x" * (64 * 1024 + 1)}, 413, "payload_too_large"),
        ({"multiValueHeaders": {"Content-Type": ["text/plain"]}}, 415, "unsupported_media_type"),
        ({"multiValueHeaders": {}, "headers": {}}, 415, "unsupported_media_type"),
        ({"body": "To=%2B14155550100"}, 400, "invalid_request"),
        ({"body": "CallSid=" + "x" * 201}, 400, "invalid_request"),
        ({"body": "&".join(f"f{n}=1" for n in range(301))}, 400, "invalid_request"),
        ({"body": "CallSid=%ff"}, 400, "invalid_request"),
        ({"body": None}, 400, "invalid_request"),
        ({"body": "!", "isBase64Encoded": True}, 400, "invalid_request"),
        ({"path": "/v1/telephony/vonage/voice"}, 404, "route_not_found"),
        ({"httpMethod": "GET"}, 405, "method_not_allowed"),
    ],
)
def test_what_is_no_carriers_request_is_refused_in_the_envelope(
    world: WebhookWorld, changes: dict[str, Any], status: int, code: str
) -> None:
    answered = world.ask(from_twilio(VOICE, {"CallSid": "CA1", "To": OURS}), **changes)
    assert (answered.status, answered.code) == (status, code)
    error = json.loads(answered.text)["error"]
    assert error["request_id"] == answered.headers["X-Request-ID"]
    assert error["doc_url"].startswith("https://api.example.com/docs")
    assert answered.headers.get("Allow") == ("POST" if status == 405 else None)


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"data": {}}', '{"data": {"event_type": 1, "payload": {}}}', "1"])
def test_json_that_is_no_event_is_refused(world: WebhookWorld, body: str) -> None:
    request = event_from_telnyx(f"{PUBLIC_URL}/v1/telephony/telnyx/status", "call.answered", {}, world.at)
    assert world.ask(request, body=body).code == "invalid_request"


def test_a_body_may_come_in_base64(world: WebhookWorld) -> None:
    request = from_twilio(VOICE, {"CallSid": "CA1", "To": OURS})
    coded = {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}
    assert world.ask(request, **coded).status == 200


def test_what_fails_on_our_side_is_a_500_that_says_nothing_and_may_be_tried_again(world: WebhookWorld) -> None:
    def broken(_: object) -> None:
        raise ValueError(f"secret {OURS}")

    world.secrets.of = broken  # type: ignore[method-assign, assignment]
    answered = world.twilio("voice")
    assert (answered.status, answered.code) == (500, "internal_error")
    assert OURS not in answered.text


def test_no_number_token_or_signature_is_logged(
    world: WebhookWorld, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    world.twilio("voice", CallSid="CA9")
    world.twilio("voice", To="+19005550000")
    world.twilio("status", auth_token="another")
    session_id, leg = dialed(world)
    world.twilio("status", leg, CallSid="CA-second", To=THEIRS, From=OURS, CallStatus="in-progress")
    said = caplog.text + "".join(capsys.readouterr())
    assert "another call for one leg" in said
    for secret in (OURS, THEIRS, "9005550000", "kst_live", "local-auth-token"):
        assert secret.lstrip("+") not in said
    assert session_id not in leg.partition(".")[2]
