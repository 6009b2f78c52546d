"""A stream over connections that come and go, in virtual time."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kallglot import ConnectionFailed
from kallglot.stream import (
    WIDE,
    Address,
    Closing,
    ReconnectWindowOver,
    SessionNotFound,
    SessionOver,
    SoundFormat,
    Stream,
    StreamClosed,
    TokenRejected,
)
from kallglot.stream.messages import Ended, Interrupted, Message, Pong, Ready, Transcript
from tests.fakes.media_server import MediaServer
from tests.fakes.virtual_time import VirtualTimeLoop, virtual_time

URL = "wss://api.test/v1/sessions/sess_1/connect"
FRAME = 160
SILENCE = b"\xff" * FRAME


def stream(server: MediaServer, **options: Any) -> Stream:
    return Stream(Address(URL, "kst_1"), opener=server.open, **options)


def payloads(server: MediaServer, speaker: str) -> list[bytes]:
    return [base64.b64decode(message["audio"]["payload"]) for message in server.spoken(speaker)]


def numbers(messages: list[Message]) -> list[int]:
    return [message.sequence for message in messages if isinstance(message, Transcript)]


async def everything(opened: Stream, into: list[Message]) -> None:
    async for message in opened:
        into.append(message)


@virtual_time
async def test_speech_goes_out_in_frames_of_twenty_milliseconds_filled_up_with_silence() -> None:
    server = MediaServer()
    async with stream(server) as opened, opened.live("customer"):
        await opened.say("customer", b"\x01" * (FRAME + 40))
    frames = payloads(server, "customer")
    first = frames.index(b"\x01" * FRAME)
    assert frames[first + 1] == b"\x01" * 40 + SILENCE[40:]
    assert set(frames[:first]) <= {SILENCE}


@virtual_time
async def test_an_open_microphone_is_never_silent_on_the_wire() -> None:
    server = MediaServer()
    async with stream(server) as opened, opened.live("customer", "agent"):
        await opened.say("customer", b"\x01" * FRAME * 5)
        await asyncio.sleep(1)
    assert set(payloads(server, "agent")) == {SILENCE}
    assert len(payloads(server, "agent")) == pytest.approx(55, abs=2)


@virtual_time
async def test_speech_takes_as_long_as_it_lasts_and_each_speaker_counts_alone() -> None:
    server = MediaServer()
    loop = asyncio.get_running_loop()
    async with stream(server) as opened, opened.live("customer", "agent"):
        began = loop.time()
        await opened.say("agent", b"\x01" * FRAME * 50)
        assert loop.time() - began == pytest.approx(1.0, abs=0.05)
    for speaker in ("customer", "agent"):
        sent = server.spoken(speaker)
        assert [message["sequence"] for message in sent] == list(range(1, len(sent) + 1))
        assert [message["timestamp_ms"] for message in sent] == [20 * at for at in range(len(sent))]


@virtual_time
async def test_sound_may_be_wide_in_stereo_and_in_longer_frames() -> None:
    server = MediaServer()
    stereo = SoundFormat("pcm_16", 16000, 2)
    async with stream(server, format=stereo, frame_ms=100) as opened, opened.live("customer"):
        await opened.say("customer", b"\x01" * 6400 * 3)
    [first, *_] = server.spoken("customer")
    assert {name: first["audio"][name] for name in ("encoding", "sample_rate_hz", "channels")} == {
        "encoding": "pcm_16",
        "sample_rate_hz": 16000,
        "channels": 2,
    }
    assert all(len(frame) == 6400 for frame in payloads(server, "customer"))


@pytest.mark.parametrize("frame_ms", [0, 19, 101])
def test_frames_are_as_long_as_a_live_call_bears(frame_ms: int) -> None:
    with pytest.raises(ValueError, match="20 to 100 ms"):
        stream(MediaServer(), frame_ms=frame_ms)


@pytest.mark.parametrize("wrong", [("opus", 8000, 1), ("pcm_16", 44100, 1), ("mulaw", 8000, 3)])
def test_sound_that_no_stream_takes_is_refused_at_once(wrong: tuple[str, int, int]) -> None:
    with pytest.raises(ValueError, match="no stream takes"):
        SoundFormat(*wrong)


@virtual_time
async def test_live_sound_comes_in_pieces_of_any_size() -> None:
    server = MediaServer()
    async with stream(server) as opened, opened.live("agent"):
        for size in (1, 100, 300, 239):
            opened.feed("agent", b"\x02" * size)
        await asyncio.sleep(1)
    assert b"".join(payloads(server, "agent")).count(b"\x02") == 640


@virtual_time
async def test_speech_in_pieces_is_asked_for_as_it_is_spoken_and_has_no_gaps() -> None:
    server, asked = MediaServer(), list[float]()
    loop = asyncio.get_running_loop()
    speech = bytes(range(1, 101)) * 400

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(speech), 1234):
            asked.append(loop.time())
            yield speech[start : start + 1234]

    async with stream(server) as opened, opened.live("customer"):
        await opened.say_all("customer", pieces())
    heard = b"".join(frame for frame in payloads(server, "customer") if frame != SILENCE)
    assert heard == speech
    assert asked[-1] == pytest.approx(5.0 - 0.5, abs=0.2)


@virtual_time
async def test_pieces_that_nobody_can_hear_any_more_are_an_error() -> None:
    server = MediaServer()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"\x01" * 800
            await asyncio.sleep(0)

    async with stream(server) as opened, opened.live("customer"):
        speaking = asyncio.create_task(opened.say_all("customer", endless()))
        await asyncio.sleep(1)
        server.cut(4404)
        with pytest.raises(SessionNotFound):
            await asyncio.wait_for(speaking, 5)


@virtual_time
async def test_who_is_not_live_cannot_speak() -> None:
    async with stream(MediaServer()) as opened:
        with pytest.raises(ValueError, match="microphone is not open"):
            await opened.say("agent", b"")


@virtual_time
async def test_text_ping_mute_and_end_have_the_contracts_words() -> None:
    server, seen = MediaServer(), list[Message]()
    async with stream(server) as opened:
        await opened.send_text("agent", "hola")
        await opened.tool_result("call_1", {"state": "sent"})
        await opened.tool_result("call_2", error="no such order")
        await opened.mute()
        await opened.mute(False)
        await opened.ping()
        await opened.end()
        await everything(opened, seen)
    assert server.received == [
        {"type": "text.input", "speaker": "agent", "text": "hola"},
        {"type": "tool.result", "call_id": "call_1", "result": {"state": "sent"}},
        {"type": "tool.result", "call_id": "call_2", "error": "no such order"},
        {"type": "control", "action": "mute"},
        {"type": "control", "action": "unmute"},
        {"type": "ping"},
        {"type": "session.end"},
    ]
    assert isinstance(seen[0], Ready)
    assert seen[-1] == Ended("sess_1", "explicit_end")


@virtual_time
async def test_leaving_without_an_end_leaves_the_session_alone() -> None:
    server = MediaServer()
    async with stream(server):
        pass
    assert server.received == []
    assert not server.has_ended


@virtual_time
async def test_who_listens_is_said_when_connecting() -> None:
    server = MediaServer()
    async with stream(server, participant="customer", last_sequence=0):
        pass
    assert server.connections[0][1] == f"{URL}?participant=customer&last_sequence=0"


@pytest.mark.parametrize("code", [None, 1012])
def test_a_lost_connection_is_made_again_and_no_final_is_lost_or_comes_twice(code: int | None) -> None:
    @virtual_time
    async def test() -> None:
        server, seen = MediaServer(), list[Message]()
        async with stream(server) as opened:
            listening = asyncio.create_task(everything(opened, seen))
            server.final()
            await asyncio.sleep(1)
            server.final(told=False)
            server.cut(code)
            server.final()
            await asyncio.sleep(5)
            server.final()
            await opened.end()
            await listening
        assert numbers(seen) == [1, 2, 3, 4]
        assert server.asked_for == [None, "1"]
        kinds = [type(message) for message in seen]
        assert kinds.index(Interrupted) < kinds.index(Ready, 1)

    test()


@virtual_time
async def test_a_final_that_is_brought_again_is_not_passed_on_again() -> None:
    server, seen = MediaServer(), list[Message]()
    async with stream(server) as opened:
        listening = asyncio.create_task(everything(opened, seen))
        for _ in range(3):
            server.final()
        await asyncio.sleep(1)
        assert server.socket is not None
        server.socket.say(server.finals[1])
        server.socket.say({**server.finals[2], "type": "transcript.partial", "is_final": False})
        await opened.end()
        await listening
    assert numbers(seen) == [1, 2, 3, 3]  # the last one is a partial


@virtual_time
async def test_what_is_being_said_waits_for_the_connection_and_loses_nothing() -> None:
    server = MediaServer()
    speech = b"".join(bytes([number]) * FRAME for number in range(1, 51))
    async with stream(server) as opened, opened.live("customer"):
        speaking = asyncio.create_task(opened.say("customer", speech))
        await asyncio.sleep(0.5)
        server.is_down = True
        server.cut()
        await asyncio.sleep(20)
        server.is_down = False
        await speaking
    heard = [frame for frame in payloads(server, "customer") if frame != SILENCE]
    assert b"".join(heard) == speech
    # Never faster than it is spoken: what an absence took is not made up for.
    assert len(server.received) < 60


@virtual_time
async def test_of_live_sound_only_the_last_two_seconds_wait_for_the_connection() -> None:
    server = MediaServer()
    async with stream(server) as opened, opened.live("customer"):
        await asyncio.sleep(0.1)
        server.is_down = True
        server.cut()
        for number in range(1, 251):  # five seconds
            opened.feed("customer", bytes([number]) * FRAME)
            await asyncio.sleep(0.02)
        server.is_down = False
        await asyncio.sleep(15)
    heard = [frame[0] for frame in payloads(server, "customer") if frame != SILENCE]
    assert heard[-100:] == list(range(151, 251))
    assert len(heard) <= 101


@virtual_time
async def test_text_is_sent_on_the_next_connection_when_there_is_none() -> None:
    server = MediaServer()
    async with stream(server) as opened:
        server.is_down = True
        server.cut()
        sending = asyncio.create_task(opened.send_text("agent", "hola"))
        await asyncio.sleep(10)
        assert not sending.done()
        server.is_down = False
        await sending
    assert [message["type"] for message in server.received] == ["text.input"]


@virtual_time
async def test_a_mute_holds_over_a_reconnect() -> None:
    server = MediaServer()
    async with stream(server) as opened:
        await opened.mute()
        server.cut(1012)
        await asyncio.sleep(5)
    assert server.received == [{"type": "control", "action": "mute"}] * 2


@virtual_time
async def test_after_five_minutes_without_a_connection_it_is_over_for_everybody() -> None:
    server, loop = MediaServer(), asyncio.get_running_loop()
    async with stream(server) as opened, opened.live("customer"):
        speaking = asyncio.create_task(opened.say("customer", b"\x01" * FRAME * 100))
        await asyncio.sleep(0.5)
        began = loop.time()
        server.is_down = True
        server.cut()
        with pytest.raises(ReconnectWindowOver):
            await everything(opened, [])
        assert loop.time() - began == pytest.approx(300, abs=6)
        with pytest.raises(ReconnectWindowOver):
            await speaking
        with pytest.raises(ReconnectWindowOver):
            await opened.send_text("agent", "hola")
    assert len(server.connections) < 130


@virtual_time
async def test_the_window_begins_anew_with_every_connection() -> None:
    server, seen = MediaServer(), list[Message]()
    async with stream(server) as opened:
        listening = asyncio.create_task(everything(opened, seen))
        for _ in range(4):
            server.is_down = True
            server.cut()
            await asyncio.sleep(200)
            server.is_down = False
            await asyncio.sleep(10)
        await opened.end()
        await listening
    assert sum(isinstance(message, Ready) for message in seen) == 5


@virtual_time
async def test_a_first_connection_that_does_not_come_about_is_not_waited_for_that_long() -> None:
    server, loop = MediaServer(is_down=True), asyncio.get_running_loop()
    with pytest.raises(StreamClosed, match="cannot connect"):
        async with stream(server):
            raise AssertionError("never")
    assert loop.time() == pytest.approx(30, abs=6)


@virtual_time
async def test_a_worker_that_is_being_replaced_is_waited_for() -> None:
    server = MediaServer(refusals=[Closing(1012), Closing(http_status=503, retry_after_s=3)])
    async with stream(server):
        assert len(server.connections) == 3


@pytest.mark.parametrize(("code", "error"), [(4404, SessionNotFound), (4409, SessionOver), (4410, ReconnectWindowOver)])
def test_what_will_never_pass_is_an_error_at_once(code: int, error: type[StreamClosed]) -> None:
    @virtual_time
    async def test() -> None:
        server = MediaServer(refusals=[Closing(code)])
        with pytest.raises(error):
            async with stream(server):
                raise AssertionError("never")
        assert len(server.connections) == 1

    test()


@virtual_time
async def test_an_expired_token_is_renewed_once_and_the_new_one_is_used() -> None:
    server = MediaServer(refusals=[Closing(4401)])
    asked = 0

    async def renew() -> Address:
        nonlocal asked
        asked += 1
        return Address(URL, f"kst_new_{asked}")

    async with stream(server, renew=renew):
        assert server.tokens == ["kst_1", "kst_new_1"]
        server.refusals = [Closing(4401)]
        server.cut(1012)
        await asyncio.sleep(5)
        assert server.tokens[2:] == ["kst_new_1", "kst_new_2"]


@virtual_time
async def test_a_token_that_stays_wrong_is_an_error() -> None:
    async def renew() -> Address:
        return Address(URL, "kst_also_wrong")

    server = MediaServer(refusals=[Closing(4401)] * 9)
    with pytest.raises(TokenRejected):
        async with stream(server, renew=renew):
            raise AssertionError("never")
    assert server.tokens == ["kst_1", "kst_also_wrong"]


@virtual_time
async def test_an_api_that_is_away_while_a_token_is_renewed_is_waited_for() -> None:
    answers: list[Any] = [ConnectionFailed("away"), ConnectionFailed("away"), Address(URL, "kst_new")]

    async def renew() -> Address:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Address(URL, "kst_new")

    server = MediaServer(refusals=[Closing(4401)])
    async with stream(server, renew=renew):
        assert server.tokens == ["kst_1", "kst_new"]


@virtual_time
async def test_an_end_while_the_connection_is_away_is_an_end() -> None:
    server, seen = MediaServer(), list[Message]()
    async with stream(server) as opened:
        server.is_down = True
        server.cut()
        ending = asyncio.create_task(opened.end())
        await asyncio.sleep(3)
        server.is_down, server.has_ended = False, True
        await everything(opened, seen)
        await ending


@virtual_time
async def test_a_session_that_was_ended_while_we_were_away_says_so() -> None:
    server = MediaServer()
    async with stream(server) as opened:
        server.has_ended = True
        server.cut()
        with pytest.raises(SessionOver):
            await everything(opened, [])


@virtual_time
async def test_what_speaks_no_protocol_of_ours_is_left() -> None:
    server = MediaServer()
    async with stream(server) as opened:
        assert server.socket is not None
        server.socket._incoming.put_nowait("<html>")
        with pytest.raises(StreamClosed, match="no message of this protocol"):
            await everything(opened, [])


@virtual_time
async def test_who_takes_no_messages_loses_sound_before_finals() -> None:
    server, seen = MediaServer(), list[Message]()
    async with stream(server) as opened:
        assert server.socket is not None
        for _ in range(6000):
            server.socket.say({"type": "audio.output", "audio": {"payload": ""}})
        server.final()
        server.socket.say({"type": "pong"})
        await asyncio.sleep(1)
        await opened.end()
        await everything(opened, seen)
    assert numbers(seen) == [1]
    assert any(isinstance(message, Pong) for message in seen)
    assert len(seen) < 5100


def test_the_wide_format_is_what_recognisers_like() -> None:
    assert (WIDE.encoding, WIDE.rate_hz, WIDE.frame_bytes(20)) == ("pcm_16", 16000, 640)


EVENTS = st.lists(
    st.sampled_from(["told", "untold", "cut", "going", "down", "up", "expired", "wait"]), min_size=1, max_size=40
)


@settings(max_examples=150, deadline=None)
@given(EVENTS)
def test_whatever_happens_every_final_comes_once_and_in_order(events: list[str]) -> None:
    async def live() -> tuple[MediaServer, list[Message]]:
        server, seen = MediaServer(), list[Message]()

        async def renew() -> Address:
            return Address(URL, "kst_new")

        async with stream(server, renew=renew, last_sequence=0) as opened:
            listening = asyncio.create_task(everything(opened, seen))
            for event in events:
                await _happen(server, event)
            server.is_down = False
            await asyncio.sleep(30)
            await opened.end()
            await listening
        return server, seen

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        server, seen = runner.run(live())
    assert numbers(seen) == list(range(1, len(server.finals) + 1))


async def _happen(server: MediaServer, event: str) -> None:
    match event:
        case "told" | "untold":
            server.final(told=event == "told" and server.socket is not None)
            if event == "untold" and server.socket is not None:
                server.cut()
        case "cut" | "going" if server.socket is not None:
            server.cut(1012 if event == "going" else None)
        case "down" | "up":
            server.is_down = event == "down"
        case "expired":
            server.refusals = [Closing(4401)]
        case _:
            await asyncio.sleep(1)
