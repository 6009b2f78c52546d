"""The telephones themselves, held against SIPp's own answering side: they work, and they notice when it does not."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from kallglot import audio
from local import voices
from local.ear import is_speech
from tests.sip import baresip, caller
from tests.sip.processes import ToolFailed, free_port, running
from tests.sip.rtp import Road
from tests.sip.scenario import Scenario
from tests.sip.sipp import Load, Sipp
from tests.sounds import delayed_snr_db, samples

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def echo(tmp_path: Path) -> AsyncIterator[int]:
    """Answers every call and sends back what it hears; its port."""
    port = free_port()
    media = ("-mi", "127.0.0.1", "-mp", str(free_port()), "-rtp_echo")
    command = ["sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), *media, "-nostdin"]
    async with running(command, tmp_path, tmp_path / "echo.log"):
        await asyncio.sleep(0.3)  # it says nothing when it listens
        yield port


@pytest.fixture(scope="session")
def speech() -> bytes:
    return voices.telephone(voices.CUSTOMER, "Hello, I have a question about my order.")


def plain(name: str = "plain") -> Scenario:
    return Scenario(name).invite().expect(100, 180, 200).ack().pause(50).bye().expect(200, to="BYE")


async def test_calls_are_counted(echo: int, tmp_path: Path) -> None:
    counted = await Sipp(tmp_path, echo).run(plain(), ["sess_a", "sess_b"], Load(calls=20, per_second=50))

    assert (counted.succeeded, counted.failed) == (20, 0)


async def test_an_answer_that_is_not_the_expected_one_fails_the_run(echo: int, tmp_path: Path) -> None:
    refused = Scenario("refused").invite().expect(100, 180, 404).ack_of_refusal()

    with pytest.raises(ToolFailed, match=r"refused-.* ended with 1"):
        await Sipp(tmp_path, echo).run(refused, ["sess_a"])


async def test_an_answer_without_the_wanted_words_fails_the_run(echo: int, tmp_path: Path) -> None:
    held = Scenario("held").invite("sendonly").expect(100, 180, 200, body="a=recvonly").ack()

    with pytest.raises(ToolFailed, match="held-"):
        await Sipp(tmp_path, echo).run(held, ["sess_a"])


async def test_nobody_there_fails_the_run(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="plain-"):
        await Sipp(tmp_path, free_port()).run(plain(), ["sess_a"], timeout_s=2)


async def test_sipp_plays_speech_in_many_calls_at_once(echo: int, tmp_path: Path, speech: bytes) -> None:
    (tmp_path / "speech.ulaw").write_bytes(speech)
    talking = Scenario("talking", plays=True).invite().expect(100, 180, 200).ack().play("speech.ulaw")
    talking.pause(1000).bye().expect(200, to="BYE")

    counted = await Sipp(tmp_path, echo).run(talking, ["sess_a"], Load(calls=50, per_second=50))

    assert counted.succeeded == 50


async def test_baresip_keeps_what_it_hears(echo: int, tmp_path: Path, speech: bytes) -> None:
    silence = array("h", bytes(2 * 8000))
    async with baresip.calling(
        tmp_path / "phone", f"sip:sess_a@127.0.0.1:{echo}", audio.decode(speech) + silence
    ) as it:
        await it.until("terminated", patience_s=15)

    assert delayed_snr_db(samples(audio.decode(speech).tobytes()), samples(it.heard().tobytes()), 8000) > 20


async def test_baresip_that_nobody_answers_fails(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="Call established"):
        target = f"sip:sess_a@127.0.0.1:{free_port()}"
        async with baresip.calling(tmp_path / "phone", target, array("h", bytes(320)), patience_s=2):
            pass


async def test_our_own_caller_hears_itself_over_a_bad_road(echo: int, speech: bytes) -> None:
    out = Road(loss=0.05, swaps=0.05, seed=3)
    async with caller.calling(echo, "sess_a", out) as it:
        await it.call()
        it.media.say(speech)
        await it.media.said()
        assert (await it.request("BYE")).status == 200

    assert is_speech(it.media.sound())
    assert out.lost > 0 and out.swapped > 0
    assert len(it.media.heard) == pytest.approx(it.media.sent - out.lost, abs=10)
