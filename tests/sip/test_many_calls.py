"""Hundreds of calls by SIPp: short ones, and fifty at once that speak."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.sip import caller, scenarios, sessions
from tests.sip.sipp import Load, Sipp

pytestmark = pytest.mark.asyncio(loop_scope="session")
# So long that two cores hear fifty callers with the embedded engines: each says one sentence in twenty seconds.
_PAUSE = b"\xff" * 8000 * 18


@pytest.fixture
def sipp(tmp_path: Path, gateway_port: int) -> Sipp:
    return Sipp(tmp_path, gateway_port)


async def test_two_hundred_short_calls(sipp: Sipp, http: httpx.AsyncClient) -> None:
    called = await sessions.many(http, 200)

    counted = await sipp.run(scenarios.short(), called, Load(200, per_second=10, at_once=50), timeout_s=120)

    assert (counted.succeeded, counted.failed) == (200, 0)


async def test_calls_over_a_network_that_loses_messages(sipp: Sipp, http: httpx.AsyncClient) -> None:
    """SIPp loses every twentieth of its own and of ours."""
    called = await sessions.many(http, 40)

    counted = await sipp.run(scenarios.short(), called, Load(40, per_second=10), loss_percent=5, timeout_s=60)

    assert (counted.succeeded, counted.failed) == (40, 0)


async def test_fifty_callers_speak_at_once_and_all_are_understood(
    sipp: Sipp, http: httpx.AsyncClient, tmp_path: Path, question: bytes
) -> None:
    (tmp_path / "speech.ulaw").write_bytes(question + _PAUSE)
    called = await sessions.many(http, 50)

    speaking = scenarios.speaking("speech.ulaw", milliseconds=30_000)
    counted = await sipp.run(speaking, called, Load(50, per_second=2, at_once=50), timeout_s=120)

    assert (counted.succeeded, counted.failed) == (50, 0)
    said = [await turns(http, session_id) for session_id in called]
    assert [session_id for session_id, text in zip(called, said, strict=True) if "order" not in text] == []


async def test_calls_that_are_cancelled_at_any_moment_leave_nothing_behind(
    http: httpx.AsyncClient, gateway_port: int
) -> None:
    """What is answered before the CANCEL comes is hung up, as a telephone must."""
    called = await sessions.many(http, 16)
    refused = [await change_of_mind(gateway_port, one, number * 0.01) for number, one in enumerate(called)]

    assert any(refused)
    for session_id in called:
        told = await sessions.shown(http, session_id)
        assert told.get("provider", {}).get("status") in (None, "disconnected")


async def change_of_mind(gateway_port: int, session_id: str, after_s: float) -> bool:
    """Whether the CANCEL was in time."""
    async with caller.calling(gateway_port, session_id) as telephone:
        telephone.send_invite()
        await asyncio.sleep(after_s)
        telephone.cancel()
        answer = await telephone.final("INVITE")
        if answer.status == 487:
            telephone.ack_of_refusal()
            return True
        await telephone.taken(answer)
        assert (await telephone.request("BYE")).status == 200
        return False


async def turns(http: httpx.AsyncClient, session_id: str) -> str:
    told = await sessions.until(http, session_id, lambda shown: bool(shown["turns"]), "/transcript")
    return " ".join(str(turn["text"]).lower() for turn in told["turns"])
