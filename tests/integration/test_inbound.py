"""A call to one of our numbers, through the front door, the gateway and the function, to the worker's stream."""

from __future__ import annotations

import asyncio
import json
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest
import pytest_asyncio
from nacl.signing import SigningKey
from websockets.asyncio.client import connect as connect_socket

from core.domain.sessions import Status
from core.domain.telephony import Carrier
from local.stack import Stack
from local.telephones import NUMBERS
from tests.fakes.carrier_requests import from_twilio
from tests.fakes.carrier_server import CarrierServer
from tests.fakes.telephone import hello
from tests.integration.store import Store
from tests.integration.telephones import Telephones, telephones_of, until
from tests.integration.test_rest import error_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

TWILIO, TELNYX = NUMBERS[Carrier.TWILIO], NUMBERS[Carrier.TELNYX]


@pytest_asyncio.fixture(loop_scope="session")
async def phones(stack: Stack, store: Store, http: httpx.AsyncClient, carrier_server: CarrierServer) -> Telephones:
    return telephones_of(stack, store, http, carrier_server)


def fields(call_id: str, **more: str) -> dict[str, str]:
    return {"CallSid": call_id, "To": TWILIO, "From": "+4930123456", "CallStatus": "ringing", **more}


def stream_of(document: str) -> tuple[Element, dict[str, str]]:
    stream = fromstring(document)[0][0]
    return stream, {p.get("name", ""): p.get("value", "") for p in stream}


def session_of(document: str) -> str:
    return str(stream_of(document)[0].get("url")).split("/")[-2]


async def test_a_call_comes_in_is_streamed_and_its_end_is_told(phones: Telephones) -> None:
    answered = await phones.twilio("voice", fields("CA-in-1"))
    assert answered.status_code == 200, answered.text
    assert answered.headers["Content-Type"].startswith("text/xml")
    stream, parameters = stream_of(answered.text)
    session_id = session_of(answered.text)
    assert (await phones.provider(session_id))["call_sid"] == "CA-in-1"
    assert (await phones.provider(session_id))["status"] == "connected"

    async with connect_socket(str(stream.get("url"))) as socket:
        for message in hello("twilio", **parameters):
            await socket.send(json.dumps(message))
        await until(lambda: phones.stored(session_id).status is Status.CONNECTING)

    completed = await phones.twilio("status", fields("CA-in-1", CallStatus="completed"))
    assert completed.status_code == 200
    assert (await phones.provider(session_id))["status"] == "disconnected"


async def test_a_carrier_that_asks_again_and_at_once_gets_one_session(phones: Telephones) -> None:
    answers = await asyncio.gather(*(phones.twilio("voice", fields("CA-in-2")) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert len({session_of(answer.text) for answer in answers}) == 1

    session_id = session_of(answers[0].text)
    again = await phones.twilio("voice", fields("CA-in-2", CallStatus="in-progress"))
    assert session_of(again.text) == session_id
    await phones.http.post(f"/sessions/{session_id}/end")
    over = await phones.twilio("voice", fields("CA-in-2", CallStatus="in-progress"))
    assert over.text == "<Response><Hangup /></Response>"


async def test_telnyx_calls_come_in_by_their_own_signature(phones: Telephones) -> None:
    asked = {"CallSid": "v3:in-1", "To": TELNYX, "From": phones.theirs}
    answered = await phones.telnyx("voice", asked)
    assert answered.status_code == 200, answered.text
    stream, parameters = stream_of(answered.text)
    assert stream.get("bidirectionalMode") == "rtp" and parameters["token"].startswith("kst_test_")
    forged = await phones.telnyx("voice", {**asked, "CallSid": "v3:in-2"}, SigningKey(b"o" * 32))
    error_of(forged, 403, "invalid_signature")


async def test_what_nobody_of_ours_has_signed_is_refused(phones: Telephones) -> None:
    error_of(await phones.twilio("voice", fields("CA-in-3"), "another"), 403, "invalid_signature")
    error_of(await phones.twilio("voice", fields("CA-in-3", To="+19005550000")), 404, "number_not_found")
    url = f"{phones.public_url}/v1/telephony/twilio/voice"
    genuine = from_twilio(url, fields("CA-in-3"))
    async with httpx.AsyncClient(timeout=30) as nobody:
        plain = await nobody.post(url, content=genuine.body, headers={"Content-Type": "text/plain"})
        error_of(plain, 415, "unsupported_media_type")
        huge = await nobody.post(url, content=b"x" * 70_000, headers=dict(genuine.headers))
        error_of(huge, 413, "payload_too_large")
        error_of(await nobody.get(url), 405, "method_not_allowed")
