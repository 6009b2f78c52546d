"""The link without its process: what leaves, in which order, and what an end means for everything under way."""

import asyncio

import pytest

from media_worker.engines.base import Capabilities, EngineError, Recognition, StreamSpec
from media_worker.engines.pool_link import FLUSH_S, EngineLink
from media_worker.engines.pool_listener import PoolListener
from media_worker.engines.pool_messages import (
    Audio,
    Begin,
    Cancel,
    Close,
    Failed,
    Finish,
    FromProcess,
    Heard,
    Message,
    Open,
    ProcessInbox,
    Ready,
    Recognised,
    StartFailed,
    Translate,
    Translated,
    frame,
)
from media_worker.engines.pool_requests import Answer, Timeouts, ask
from media_worker.engines.registry import EnginesNotAvailable


class Wire(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.inbox = ProcessInbox()
        self.messages: list[Message] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.messages += self.inbox.receive(bytes(data))


class LinkOnWire(EngineLink):
    """A link that is connected to a `Wire`; tests play its process."""

    def __init__(self) -> None:
        super().__init__(lambda: None, {})
        self.wire = Wire()
        self._transport = self.wire

    def answer(self, message: FromProcess) -> None:
        self.data_received(frame(message))


def listener(link: EngineLink, partials: list[str], backlog_s: float = 1.0) -> PoolListener:
    return PoolListener(lambda: link, StreamSpec("en", 8000), partials.append, backlog_s, Timeouts(finish_s=30.0))


def text(message: FromProcess) -> str:
    assert isinstance(message, Translated)
    return message.text


async def test_audio_of_all_streams_leaves_in_one_message_per_flush() -> None:
    link = LinkOnWire()
    for _ in range(3):
        link.feed(1, b"a")
        link.feed(2, b"b")
    assert link.wire.messages == []
    await asyncio.sleep(FLUSH_S * 2)  # the flush is a timer of the loop
    assert link.wire.messages == [Audio([(1, b"a"), (2, b"b")] * 3)]


async def test_an_utterances_end_takes_its_audio_along_at_once() -> None:
    link, partials = LinkOnWire(), list[str]()
    ear = listener(link, partials)
    ear.begin()
    ear.feed(b"ab")
    finishing = asyncio.create_task(ear.finish())
    await asyncio.sleep(0)
    assert link.wire.messages == [
        Open(1, StreamSpec("en", 8000)),
        Begin(1, 1),
        Audio([(1, b"ab")]),
        Finish(1, 2),
    ]
    result = Recognition("hello", "en", 0.9)
    link.answer(Recognised(2, result))
    assert await finishing == result
    assert link.requests == {}


async def test_partials_reach_the_listener_while_their_utterance_is_open() -> None:
    link, partials = LinkOnWire(), list[str]()
    ear = listener(link, partials)
    ear.begin()
    link.answer(Heard([], [(1, 1, "hel")]))
    ear.begin()
    link.answer(Heard([], [(1, 1, "late"), (1, 2, "new"), (9, 1, "foreign")]))
    await ear.close()
    link.answer(Heard([], [(1, 2, "closed")]))
    assert partials == ["hel", "new"]


async def test_too_much_unheard_audio_fails_the_utterance_and_the_next_starts_afresh() -> None:
    link = LinkOnWire()
    ear = listener(link, [], backlog_s=0.1)
    ear.begin()
    ear.feed(bytes(1600))
    link.answer(Heard([(1, 800)], []))
    ear.feed(bytes(800))
    assert Close(1) not in link.wire.messages
    ear.feed(bytes(2))
    ear.feed(bytes(320))
    with pytest.raises(EngineError, match="recogniser_overloaded"):
        await ear.finish()
    assert link.wire.messages[-1] == Close(1)
    ear.begin()
    assert link.wire.messages[-2:] == [Open(2, StreamSpec("en", 8000)), Begin(2, 2)]


async def test_everything_under_way_fails_when_the_process_dies_and_the_next_begin_moves_on() -> None:
    first, second = LinkOnWire(), LinkOnWire()
    links = iter([first, second])
    ear = PoolListener(lambda: next(links), StreamSpec("en", 8000), lambda _: None, 1.0, Timeouts())
    ear.begin()
    asking = asyncio.create_task(ask(first, 9, Translate(9, "x", "en", "es"), Answer(text), 30.0))
    await asyncio.sleep(0)
    first.connection_lost(None)
    for failing in (asking, ear.finish()):
        with pytest.raises(EngineError, match="engine_process_died") as caught:
            await failing
        assert caught.value.retryable
    ear.begin()
    assert second.wire.messages == [Open(1, StreamSpec("en", 8000)), Begin(1, 2)]


async def test_an_utterance_that_ended_before_the_death_is_the_only_one_told_once() -> None:
    link = LinkOnWire()
    ear = listener(link, [])
    ear.begin()
    link.connection_lost(None)
    with pytest.raises(EngineError, match="engine_process_died"):
        await ear.finish()
    with pytest.raises(EngineError, match="utterance_not_begun"):
        await ear.finish()


async def test_a_caller_that_goes_away_withdraws_its_request() -> None:
    link = LinkOnWire()
    asking = asyncio.create_task(ask(link, 1, Translate(1, "x", "en", "es"), Answer(text), 30.0))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert link.wire.messages[-1] == Cancel(1)
    link.answer(Translated(1, "too late"))
    assert link.requests == {}


async def test_an_answer_that_does_not_come_is_a_retryable_error() -> None:
    link = LinkOnWire()
    with pytest.raises(EngineError, match="engine_timed_out") as caught:
        await ask(link, 1, Translate(1, "x", "en", "es"), Answer(text), 0.0)
    assert caught.value.retryable
    assert link.wire.messages[-1] == Cancel(1)


async def test_failures_are_raised_as_what_they_were() -> None:
    link = LinkOnWire()
    asking = asyncio.create_task(ask(link, 1, Translate(1, "x", "en", "es"), Answer(text), 30.0))
    await asyncio.sleep(0)
    link.answer(Failed(1, "translator_failed", True, False))
    with pytest.raises(EngineError, match="translator_failed"):
        await asking


async def test_a_start_is_reported_with_its_capabilities_or_its_reason() -> None:
    ready, refused, dead = LinkOnWire(), LinkOnWire(), LinkOnWire()
    capabilities = Capabilities("x", frozenset(), frozenset(), frozenset())
    ready.answer(Ready(capabilities))
    refused.answer(StartFailed("no models"))
    dead.connection_lost(None)
    assert await ready.ready == capabilities
    with pytest.raises(EnginesNotAvailable, match="no models"):
        await refused.ready
    with pytest.raises(EnginesNotAvailable, match="ended before it was ready"):
        await dead.ready


async def test_a_closed_listener_takes_nothing_more() -> None:
    link = LinkOnWire()
    ear = listener(link, [])
    ear.begin()
    await ear.close()
    await ear.close()
    ear.feed(b"ab")
    assert link.wire.messages[-1] == Close(1)
    with pytest.raises(EngineError, match="listener_closed"):
        ear.begin()
