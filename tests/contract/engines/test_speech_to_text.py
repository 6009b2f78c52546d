"""What every recogniser does: `base.SpeechToText`."""

import re
import time
from itertools import pairwise

import pytest

from media_worker.engines.base import EngineSet, LanguageNotServed, Recognition, RecognitionStream, StreamSpec
from tests.contract.engines.kinds import Kind, Utterance


def hear(
    engines: EngineSet, stream: RecognitionStream, utterance: Utterance, frame_s: float = 0.0
) -> tuple[list[str], Recognition]:
    engine, partials = engines.speech_to_text, []
    engine.begin(stream)
    for frame in utterance.frames():
        time.sleep(frame_s)
        (partial,) = engine.advance([(stream, frame)])
        if partial is not None:
            partials.append(partial)
    return partials, engine.finish([stream])[0]


def spoken(text: str) -> list[str]:
    """The words as they are said: a final may be written with capitals and marks."""
    return re.sub(r"[^\w' ]", "", text).lower().split()


def test_every_language_it_declares_is_heard(kind: Kind, engines: EngineSet) -> None:
    assert {utterance.spec.language for utterance in kind.utterances()} <= engines.speech_to_text.languages()
    for utterance in kind.utterances():
        stream = engines.speech_to_text.open(utterance.spec)
        _, result = hear(engines, stream, utterance)
        engines.speech_to_text.close(stream)
        assert kind.heard(result.text, utterance), result.text
        assert (result.language, result.understood) == (utterance.spec.language, True)
        assert 0 < result.confidence <= 1


def test_text_appears_while_somebody_speaks(kind: Kind, engines: EngineSet) -> None:
    utterance = kind.utterances()[0]
    stream = engines.speech_to_text.open(utterance.spec)
    partials, result = hear(engines, stream, utterance, kind.frame_s)
    engines.speech_to_text.close(stream)
    assert len(partials) >= 3
    assert all(before != after for before, after in pairwise(partials))
    assert spoken(partials[-1])[0] == spoken(result.text)[0]


def test_words_have_times_within_the_utterance_in_order(kind: Kind, engines: EngineSet) -> None:
    utterance = kind.utterances()[0]
    stream = engines.speech_to_text.open(utterance.spec)
    _, result = hear(engines, stream, utterance)
    engines.speech_to_text.close(stream)
    assert [spoken(word.text)[0] for word in result.words] == spoken(result.text)
    starts = [word.start_s for word in result.words]
    assert starts == sorted(starts)
    assert all(word.start_s < word.end_s for word in result.words)
    assert result.words[-1].end_s <= len(utterance.pcm) / 16000 + 0.5


def test_a_stream_hears_one_utterance_after_another(kind: Kind, engines: EngineSet) -> None:
    first, second = kind.utterances()[:2]
    stream = engines.speech_to_text.open(first.spec)
    for utterance in (first, second, first):
        assert kind.heard(hear(engines, stream, utterance)[1].text, utterance)
    engines.speech_to_text.close(stream)


def test_streams_in_one_batch_do_not_mix(kind: Kind, engines: EngineSet) -> None:
    engine, utterances = engines.speech_to_text, kind.utterances()
    streams = [engine.open(utterance.spec) for utterance in utterances]
    for stream in streams:
        engine.begin(stream)
    frames = [utterance.frames() for utterance in utterances]
    for tick in range(max(map(len, frames))):
        work = [(stream, mine[tick]) for stream, mine in zip(streams, frames, strict=True) if tick < len(mine)]
        assert len(engine.advance(work)) == len(work)
    results = engine.finish(streams)
    for stream in streams:
        engine.close(stream)
    assert all(kind.heard(result.text, mine) for result, mine in zip(results, utterances, strict=True)), results


def test_silence_is_not_understood(kind: Kind, engines: EngineSet) -> None:
    spec = kind.utterances()[0].spec
    stream = engines.speech_to_text.open(spec)
    _, result = hear(engines, stream, Utterance(spec, bytes(16000), ""))
    engines.speech_to_text.close(stream)
    assert not result.understood


def test_an_utterance_without_audio_can_be_finished(kind: Kind, engines: EngineSet) -> None:
    stream = engines.speech_to_text.open(kind.utterances()[0].spec)
    engines.speech_to_text.begin(stream)
    assert not engines.speech_to_text.finish([stream])[0].understood
    engines.speech_to_text.close(stream)


def test_a_language_it_does_not_declare_is_refused(engines: EngineSet) -> None:
    with pytest.raises(LanguageNotServed):
        engines.speech_to_text.open(StreamSpec("qq", 8000))
