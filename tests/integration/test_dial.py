"""Dialing through the deployed stack: REST, outbox, bus, queue and function, and a carrier that speaks HTTP."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from xml.etree.ElementTree import fromstring

import httpx
import pytest
import pytest_asyncio

from core.domain.client_state import unpacked
from core.domain.legs import LegEnd, LegStatus
from core.domain.telephony import Carrier
from core.ports import Commit
from local.stack import Stack
from local.telephones import NUMBERS
from tests.fakes.carrier_server import CarrierServer, Fault
from tests.integration.store import Store, now
from tests.integration.telephones import Telephones, telephones_of, until
from tests.integration.test_rest import error_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

TWILIO, TELNYX = NUMBERS[Carrier.TWILIO], NUMBERS[Carrier.TELNYX]


@pytest_asyncio.fixture(loop_scope="session")
async def phones(stack: Stack, store: Store, http: httpx.AsyncClient, carrier_server: CarrierServer) -> Telephones:
    return telephones_of(stack, store, http, carrier_server)


def doubt_is_old(phones: Telephones, session_id: str) -> None:
    """As if the attempt had been sent long enough ago for somebody to look."""
    session, leg = phones.stored(session_id), phones.leg(session_id)
    assert leg.attempted_at is not None
    older = replace(leg, attempted_at=leg.attempted_at - timedelta(seconds=30))
    phones.store.sessions.commit(Commit(session, session.version, now() + timedelta(hours=1), legs=(older,)))


async def test_a_dialed_call_rings_connects_and_is_hung_up_with_its_session(phones: Telephones) -> None:
    session_id = await phones.session()
    answer = await phones.dial(session_id, participant="agent")
    assert answer.status_code == 202, answer.text
    leg = answer.json()
    assert (leg["object"], leg["status"], leg["to"], leg["from"]) == ("leg", "requested", phones.theirs, TWILIO)

    call = await phones.ringing()
    assert (call.carrier, call.to, call.from_) == ("twilio", phones.theirs, TWILIO)
    parameters = {p.get("name"): p.get("value", "") for p in fromstring(call.command["Twiml"])[0][0]}
    assert parameters["participant"] == "agent"
    assert parameters["token"].startswith("kst_test_")
    await until(lambda: phones.leg(session_id).call_id)
    assert (await phones.provider(session_id))["call_sid"] == call.id

    for word, status in (("ringing", "pending"), ("in-progress", "connected")):
        fields = {"CallSid": call.id, "CallStatus": word, "To": phones.theirs, "From": TWILIO}
        reported = await phones.twilio(call.command["StatusCallback"], fields)
        assert (reported.status_code, reported.text) == (200, "<Response />"), reported.text
        assert (await phones.provider(session_id))["status"] == status

    ended = await phones.http.post(f"/sessions/{session_id}/end")
    assert ended.json()["provider"]["status"] == "disconnected"
    await until(lambda: not call.live)
    await until(lambda: not phones.leg(session_id).is_live)


async def test_telnyx_dials_too_and_its_events_are_believed_by_its_key(phones: Telephones) -> None:
    session_id = await phones.session()
    answer = await phones.dial(session_id, **{"from": TELNYX})
    assert answer.json()["provider"]["type"] == "telnyx", answer.text
    call = await phones.ringing()
    state = unpacked(call.command["client_state"])
    assert state is not None and (state.session_id, state.leg_id) == (session_id, answer.json()["id"])
    await until(lambda: phones.leg(session_id).call_id)

    url = call.command["webhook_url"]
    assert (await phones.telnyx_event(url, "call.answered", call_control_id=call.id)).status_code == 200
    assert (await phones.provider(session_id))["status"] == "connected"
    busy = {"call_control_id": call.id, "hangup_cause": "user_busy"}
    assert (await phones.telnyx_event(url, "call.hangup", **busy)).status_code == 200
    provider = await phones.provider(session_id)
    assert (provider["status"], provider["reason"], provider["call_control_id"]) == ("disconnected", "busy", call.id)


async def test_many_dials_with_one_key_at_once_ring_once(phones: Telephones) -> None:
    session_id = await phones.session()
    answers = await asyncio.gather(*(phones.dial(session_id, "once") for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    for refused in (answer for answer in answers if answer.status_code == 409):
        assert error_of(refused, 409, refused.json()["error"]["code"])["retry_after"] == 1
    promised = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    again = await phones.dial(session_id, "once")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert promised == {again.json()["id"]}
    await until(lambda: phones.leg(session_id).call_id)
    assert len(phones.calls) == 1


@pytest.mark.parametrize("fault", [Fault.CUT_AFTER, Fault.ERROR_AFTER, Fault.HALF_AN_ANSWER])
async def test_a_call_whose_answer_was_lost_is_looked_up_and_rings_once(phones: Telephones, fault: Fault) -> None:
    phones.fail(fault)
    session_id = await phones.session()
    leg_id = (await phones.dial(session_id)).json()["id"]
    call = await phones.ringing()
    assert phones.invoke_dial(session_id, leg_id) == ["m1"], "it may still be on its way"
    assert phones.leg(session_id).call_id is None

    doubt_is_old(phones, session_id)
    assert phones.invoke_dial(session_id, leg_id) == []
    assert (phones.leg(session_id).call_id, len(phones.calls), len(phones.commands)) == (call.id, 1, 1)


async def test_a_command_that_was_lost_is_sent_again_after_a_look(phones: Telephones) -> None:
    phones.fail(Fault.CUT_BEFORE)
    session_id = await phones.session()
    leg_id = (await phones.dial(session_id)).json()["id"]
    await until(lambda: phones.commands)
    await until(lambda: phones.leg(session_id).attempted_at)
    doubt_is_old(phones, session_id)
    assert phones.invoke_dial(session_id, leg_id) == []
    assert (len(phones.calls), len(phones.commands)) == (1, 2)


async def test_the_first_report_settles_a_doubt(phones: Telephones) -> None:
    phones.fail(Fault.CUT_AFTER)
    session_id = await phones.session()
    leg_id = (await phones.dial(session_id)).json()["id"]
    call = await phones.ringing()
    fields = {"CallSid": call.id, "CallStatus": "initiated", "To": phones.theirs, "From": TWILIO}
    assert (await phones.twilio(call.command["StatusCallback"], fields)).status_code == 200
    assert phones.leg(session_id).call_id == call.id
    assert phones.invoke_dial(session_id, leg_id) == []
    assert (len(phones.calls), len(phones.commands)) == (1, 1)


async def test_two_functions_at_once_and_a_message_that_comes_twice_ring_once(phones: Telephones) -> None:
    session_id = await phones.session()
    leg_id = (await phones.dial(session_id)).json()["id"]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: phones.invoke_dial(session_id, leg_id), range(8)))
    await until(lambda: phones.leg(session_id).call_id)
    assert phones.invoke_dial(session_id, leg_id) == []
    assert (len(phones.calls), len(phones.commands)) == (1, 1)


async def test_a_carrier_that_has_too_many_is_asked_again(phones: Telephones) -> None:
    phones.fail(Fault.TOO_MANY)
    session_id = await phones.session()
    await phones.dial(session_id)
    await until(lambda: phones.leg(session_id).call_id)
    assert (len(phones.calls), len(phones.commands)) == (1, 2)


async def test_a_refusal_is_told_by_the_provider_and_an_event(phones: Telephones) -> None:
    phones.fail(Fault.REFUSED)
    session_id = await phones.session()
    await phones.dial(session_id)
    leg = await until(lambda: found if (found := phones.leg(session_id)).status is LegStatus.ENDED else None)
    assert leg.ended_as is LegEnd.REFUSED
    provider = await phones.provider(session_id)
    assert (provider["status"], provider["reason"]) == ("disconnected", "refused")


async def test_an_end_while_the_phone_rings_stops_it(phones: Telephones) -> None:
    session_id = await phones.session()
    await phones.dial(session_id)
    call = await phones.ringing()
    await phones.http.post(f"/sessions/{session_id}/end")
    await until(lambda: not call.live)


async def test_another_organization_dials_nobody_into_our_session(phones: Telephones) -> None:
    session_id = await phones.session()
    key = phones.stack.seeder.key(livemode=True)
    refused = await phones.http.post(
        f"/sessions/{session_id}/dial", json={"to": phones.theirs}, headers={"Authorization": f"Bearer {key}"}
    )
    error_of(refused, 404, "session_not_found")
    assert phones.commands == []
