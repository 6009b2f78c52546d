"""What the media plane may count on: `ports.Engines`, by the pool over every engine set."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from media_worker.engines.base import UNDETERMINED, EngineError, LanguageNotServed, SpeechRequest, StreamSpec
from media_worker.engines.pool import EnginePool
from media_worker.engines.ports import Engines
from tests.contract.engines.kinds import Kind, Utterance

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pool(kind: Kind) -> AsyncIterator[Engines]:
    pool = await EnginePool.start(kind.name, kind.settings(), processes=2)
    yield pool
    await pool.close()


async def hear(pool: Engines, utterance: Utterance) -> str:
    listener = pool.listen(utterance.spec, lambda text: None)
    listener.begin()
    for frame in utterance.frames():
        listener.feed(frame)
        await asyncio.sleep(0)
    result = await listener.finish()
    await listener.close()
    return result.text


async def speech(pool: Engines, request: SpeechRequest) -> list[bytes]:
    return [pcm async for pcm in pool.speak(request)]


async def test_it_declares_what_its_engines_do(kind: Kind, pool: Engines) -> None:
    assert pool.capabilities.name == kind.name
    assert {utterance.spec.language for utterance in kind.utterances()} <= pool.capabilities.speech_in
    assert pool.capabilities.translates("en", "es")
    assert {"en", "es"} <= pool.capabilities.speech_out


async def test_text_appears_while_somebody_speaks_and_the_whole_at_the_end(kind: Kind, pool: Engines) -> None:
    utterance, partials = kind.utterances()[0], list[str]()
    listener = pool.listen(utterance.spec, partials.append)
    listener.begin()
    for frame in utterance.frames():
        listener.feed(frame)
        await asyncio.sleep(0.005)  # four times as fast as somebody speaks
    assert partials[-1].split()[0] == utterance.text.split()[0]
    assert kind.heard((await listener.finish()).text, utterance)
    told = len(partials)
    await listener.close()
    assert len(partials) == told


async def test_a_leg_speaks_again_and_again(kind: Kind, pool: Engines) -> None:
    first, second = kind.utterances()[:2]
    listener = pool.listen(first.spec, lambda text: None)
    for utterance in (first, second, first):
        listener.begin()
        listener.feed(utterance.pcm)
        assert kind.heard((await listener.finish()).text, utterance)
    await listener.close()


async def test_many_legs_at_once_are_kept_apart(kind: Kind, pool: Engines) -> None:
    utterances = [kind.utterances()[leg % len(kind.utterances())] for leg in range(kind.streams)]
    heard = await asyncio.gather(*(hear(pool, utterance) for utterance in utterances))
    assert all(kind.heard(text, utterance) for text, utterance in zip(heard, utterances, strict=True)), heard


async def test_every_caller_gets_the_translation_of_its_own_text(pool: Engines) -> None:
    answers = await asyncio.gather(*(pool.translate(f"number {number}", "en", "es") for number in range(50)))
    assert all(str(number) in answer for number, answer in enumerate(answers))


async def test_text_in_the_same_language_stays_as_it_is(pool: Engines) -> None:
    assert await pool.translate("as it is", "en", "en") == "as it is"
    assert await pool.translate("  ", "en", "es") == "  "


async def test_speech_comes_in_pieces_and_whole(kind: Kind, pool: Engines) -> None:
    request = SpeechRequest("thank you for calling, how can I help you today? one moment please.", "en")
    engines = kind.build()
    expected = b"".join(engines.text_to_speech.speak(request))
    engines.close()
    pieces = await speech(pool, request)
    assert len(pieces) > 3
    assert b"".join(pieces) == expected


async def test_many_are_spoken_to_at_once(pool: Engines) -> None:
    requests = [SpeechRequest(f"number {number}", "en") for number in range(10)]
    assert all(await asyncio.gather(*(speech(pool, request) for request in requests)))


async def test_what_is_not_served_is_said_by_its_own_error(pool: Engines) -> None:
    with pytest.raises(LanguageNotServed, match="speech_unavailable"):
        pool.listen(StreamSpec("qq", 8000), lambda text: None)
    with pytest.raises(LanguageNotServed, match="translation_unavailable"):
        await pool.translate("hello", "en", "qq")
    with pytest.raises(LanguageNotServed, match="speech_unavailable"):
        await speech(pool, SpeechRequest("hello", "qq"))


async def test_what_nobody_said_is_detected_by_those_who_say_they_do(kind: Kind, pool: Engines) -> None:
    if not pool.capabilities.detects_language:
        with pytest.raises(LanguageNotServed, match="speech_unavailable"):
            pool.listen(StreamSpec(UNDETERMINED, 8000), lambda text: None)
        return
    listener = pool.listen(StreamSpec(UNDETERMINED, 8000), lambda text: None)
    for utterance in kind.utterances():
        listener.begin()
        for frame in utterance.frames():
            listener.feed(frame)
            await asyncio.sleep(0)
        result = await listener.finish()
        assert (result.language, kind.heard(result.text, utterance)) == (utterance.spec.language, True)
        assert 0.0 < result.language_confidence <= 1.0
    await listener.close()


async def test_texts_beyond_the_limits_are_refused(pool: Engines) -> None:
    with pytest.raises(EngineError, match="text_too_long"):
        await pool.translate("a" * 5001, "en", "es")
    with pytest.raises(EngineError, match="text_not_unicode"):
        await pool.translate("half a pair: \ud83d", "en", "es")
    with pytest.raises(EngineError, match="text_too_long"):
        await speech(pool, SpeechRequest("a" * 5001, "en"))


async def test_ending_what_did_not_begin_is_an_error(kind: Kind, pool: Engines) -> None:
    listener = pool.listen(kind.utterances()[0].spec, lambda text: None)
    with pytest.raises(EngineError, match="utterance_not_begun"):
        await listener.finish()
    await listener.close()
