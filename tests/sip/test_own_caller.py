"""What only a telephone of our own can be told: bad networks, silence, keys, repeated and missing messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from local.stack import Stack
from tests.integration.wire import ready
from tests.sip import gateways, sessions
from tests.sip.caller import Caller, calling
from tests.sip.ears import alignment, understood, voiced, word_errors
from tests.sip.rtp import Road

pytestmark = pytest.mark.asyncio(loop_scope="session")
ANSWER = "Su pedido llegará mañana por la tarde."
TRANSLATED = "Your order will arrive tomorrow afternoon."
_SILENCE_S = 2


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def impatient(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    """A gateway that waits for sound no longer than two seconds."""
    folder = tmp_path_factory.mktemp("impatient")
    async with gateways.another(stack, folder, RTP_TIMEOUT_S=str(_SILENCE_S)) as port:
        yield port


@pytest.mark.parametrize(
    ("out", "back"),
    [(Road(loss=0.05, seed=11), Road(loss=0.05, seed=12)), (Road(swaps=0.1, seed=13), Road(swaps=0.1, seed=14))],
    ids=["lost", "out-of-order"],
)
async def test_both_sides_are_understood_over_a_bad_network(
    http: httpx.AsyncClient, gateway_port: int, question: bytes, out: Road, back: Road
) -> None:
    session = await sessions.new(http)
    stream = session["stream"]
    as_agent = {"stream": {**stream, "url": f"{stream['url']}?participant=agent"}}
    async with ready(as_agent) as agent, calling(gateway_port, session["id"], out, back) as telephone:
        await telephone.call()
        await asyncio.sleep(1)
        telephone.media.say(question)
        final = await agent.until("transcript.final")
        await agent.text(ANSWER, "agent")
        await agent.until("transcript.final")
        await asyncio.sleep(len(voiced(TRANSLATED, "en")) / 8000 + 1.5)
        assert (await telephone.request("BYE")).status == 200

    assert out.lost + out.swapped > 0 and back.lost + back.swapped > 0
    assert "order" in final["text"].lower()
    # Every twentieth window of sound may be missing; where packets were only swapped, none is.
    assert alignment(voiced(TRANSLATED, "en"), telephone.media.sound()) > (0.8 if back.loss else 0.95)
    if not back.loss:
        assert word_errors(TRANSLATED, understood(telephone.media.sound(), "en")) <= 0.2


async def test_a_telephone_that_goes_without_a_word_is_hung_up(http: httpx.AsyncClient, impatient: int) -> None:
    session = await sessions.new(http)
    async with calling(impatient, session["id"]) as telephone:
        await telephone.call()
        await asyncio.sleep(0.5)
        telephone.media.pause()
        telephone.say_yes(await telephone.asked("BYE", _SILENCE_S + 5))

    told = await sessions.until(http, session["id"], lambda shown: shown["provider"]["status"] != "connected")
    assert told["provider"]["status"] == "disconnected"


async def test_on_hold_nobody_is_hung_up_and_nothing_is_played(http: httpx.AsyncClient, impatient: int) -> None:
    session = await sessions.new(http)
    async with calling(impatient, session["id"]) as telephone:
        await telephone.call()
        await asyncio.sleep(0.5)
        assert (await reinvited(telephone, "inactive")) == "inactive"
        telephone.media.pause()
        before = len(telephone.media.heard)
        await asyncio.sleep(_SILENCE_S + 2)
        assert len(telephone.media.heard) - before <= 5
        assert (await reinvited(telephone, "sendrecv")) == "sendrecv"
        await asyncio.sleep(0.5)
        assert len(telephone.media.heard) - before > 15
        assert (await telephone.request("BYE")).status == 200


async def reinvited(telephone: Caller, direction: str) -> str:
    answer = await telephone.invite(direction)  # type: ignore[arg-type]
    await telephone.taken(answer)
    return answer.direction


async def test_an_invitation_that_comes_again_is_one_call(http: httpx.AsyncClient, gateway_port: int) -> None:
    session = await sessions.new(http)
    async with calling(gateway_port, session["id"]) as telephone:
        invite = telephone.send_invite()
        telephone.again(invite)
        answer = await telephone.final("INVITE")
        telephone.again(invite)
        await telephone.until(lambda _: len(telephone.answers("INVITE", 200)) >= 2)
        await telephone.taken(answer)
        assert (await telephone.request("BYE")).status == 200
        assert len({told.headers["to"] for told in telephone.answers("INVITE", 200)}) == 1


async def test_an_answer_is_repeated_until_it_is_acknowledged(http: httpx.AsyncClient, gateway_port: int) -> None:
    session = await sessions.new(http)
    async with calling(gateway_port, session["id"]) as telephone:
        answer = await telephone.invite()
        await telephone.until(lambda _: len(telephone.answers("INVITE", 200)) >= 3)
        await telephone.taken(answer)
        repeated = len(telephone.answers("INVITE", 200))
        await asyncio.sleep(2.5)
        assert len(telephone.answers("INVITE", 200)) == repeated
        assert (await telephone.request("BYE")).status == 200


async def test_a_call_without_a_refresh_is_hung_up(http: httpx.AsyncClient, gateway_port: int) -> None:
    """The shortest interval there is; it ends half a minute before it is over."""
    session = await sessions.new(http)
    timed = {"Session-Expires": "90;refresher=uac", "Supported": "timer"}
    async with calling(gateway_port, session["id"]) as telephone:
        began = asyncio.get_running_loop().time()
        await telephone.call(timed)
        bye = await telephone.asked("BYE", 75)
        telephone.say_yes(bye)
        assert 50 < bye.came - began < 75


async def test_we_refresh_a_call_that_leaves_it_to_us(http: httpx.AsyncClient, gateway_port: int) -> None:
    session = await sessions.new(http)
    timed = {"Session-Expires": "90;refresher=uas", "Supported": "timer", "Allow": "INVITE, ACK, BYE, UPDATE"}
    async with calling(gateway_port, session["id"]) as telephone:
        await telephone.call(timed)
        refresh = await telephone.asked("UPDATE", 60)
        assert refresh.headers["session-expires"].startswith("90")
        telephone.say_yes(refresh)
        assert (await telephone.request("BYE")).status == 200
