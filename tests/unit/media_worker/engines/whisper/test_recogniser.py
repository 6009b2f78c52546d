from collections.abc import Sequence
from dataclasses import replace

import pytest

from media_worker.engines.base import UNDETERMINED, EngineError, LanguageNotServed, StreamSpec
from media_worker.engines.whisper.agreement import HeardWord
from media_worker.engines.whisper.decoder import Hypothesis, Piece
from media_worker.engines.whisper.policy import POLICIES, Policy
from media_worker.engines.whisper.recogniser import WhisperSpeechToText, WhisperStream

POLICY = Policy(first_s=1.0, step_s=0.5, rounds=2)
EN = StreamSpec("en", 16000)


def hypothesis(text: str, *, probability: float = 0.9, silence: float = 0.0) -> Hypothesis:
    words = tuple(HeardWord(f" {word}", (len(word),)) for word in text.split())
    return Hypothesis(text, words, probability, silence)


class Decoder:
    """Answers with what it was told to, and keeps what it was asked."""

    def __init__(self, *answers: Hypothesis) -> None:
        self.answers = list(answers)
        self.asked: list[list[Piece]] = []

    detects_language = True

    def languages(self) -> frozenset[str]:
        return frozenset({"en", "de", "la"})

    def hear(self, pieces: Sequence[Piece]) -> list[Hypothesis]:
        self.asked.append(list(pieces))
        return [self.answers.pop(0) for _ in pieces]


def engine(*answers: Hypothesis) -> tuple[WhisperSpeechToText, Decoder]:
    decoder = Decoder(*answers)
    return WhisperSpeechToText(decoder, POLICY, frozenset({"en", "de", "es"})), decoder


def opened(recogniser: WhisperSpeechToText, spec: StreamSpec = EN) -> WhisperStream:
    stream = recogniser.open(spec)
    recogniser.begin(stream)
    return stream


def audio(seconds: float, rate_hz: int = 16000) -> bytes:
    return bytes(2 * int(seconds * rate_hz))


def test_it_serves_what_both_the_product_and_the_model_know() -> None:
    recogniser, _ = engine()
    assert recogniser.languages() == {"en", "de"}
    with pytest.raises(LanguageNotServed):
        recogniser.open(StreamSpec("la", 16000))
    with pytest.raises(EngineError, match="rate_not_served"):
        recogniser.open(StreamSpec("en", 44100))


def test_a_short_utterance_is_decoded_once_at_its_end() -> None:
    recogniser, decoder = engine(hypothesis("yes"))
    stream = opened(recogniser)
    assert recogniser.advance([(stream, audio(0.9))]) == [None]
    (result,) = recogniser.finish([stream])
    assert (result.text, result.understood, len(decoder.asked)) == ("yes", True, 1)
    assert decoder.asked[0][0].with_times


def test_a_stream_may_have_its_own_policy_and_hints() -> None:
    recogniser, decoder = engine(hypothesis("one"), hypothesis("two"))
    patient = opened(recogniser, StreamSpec("en", 16000, ("Kallglot",), "quality"))
    usual = opened(recogniser, StreamSpec("en", 16000, policy="unheard of"))
    work = [(patient, audio(1.0)), (usual, audio(1.0))]
    assert recogniser.advance(work) == [None, "one"]
    recogniser.finish([patient])
    assert [piece.hints for batch in decoder.asked for piece in batch] == [(), ("Kallglot",)]
    recogniser.begin(patient)
    assert patient.agreement.rounds == POLICIES["quality"].rounds


def test_those_that_are_due_are_heard_in_one_batch() -> None:
    recogniser, decoder = engine(hypothesis("one"), hypothesis("two"))
    streams = [opened(recogniser) for _ in range(3)]
    told = recogniser.advance(list(zip(streams, map(audio, (1.0, 0.2, 2.0)), strict=True)))
    assert told == ["one", None, "two"]
    assert [len(batch) for batch in decoder.asked] == [2]


def test_one_that_ends_is_heard_once_more_and_not_twice() -> None:
    recogniser, decoder = engine(hypothesis("one two"), hypothesis("one two three"))
    stream = opened(recogniser)
    recogniser.advance([(stream, audio(1.0))])
    stream.ending = True
    assert recogniser.advance([(stream, audio(1.0))]) == [None]
    recogniser.finish([stream])
    assert [len(pieces[0].signal) for pieces in decoder.asked] == [16000, 32000]


def test_what_was_agreed_on_is_handed_to_the_next_decoding_and_the_final() -> None:
    recogniser, decoder = engine(hypothesis("where is"), hypothesis("where are"), hypothesis("are you"))
    stream = opened(recogniser)
    partials = [recogniser.advance([(stream, audio(seconds))])[0] for seconds in (1.0, 0.2, 0.3)]
    recogniser.finish([stream])
    assert partials == ["where is", None, "where are"]
    assert [batch[0].prefix for batch in decoder.asked] == [(), (), (5,)]


def test_a_new_utterance_begins_with_nothing() -> None:
    recogniser, decoder = engine(hypothesis("where is"), hypothesis("where is"), hypothesis("bye"))
    stream = opened(recogniser)
    for _ in range(2):
        recogniser.advance([(stream, audio(1.0))])
    recogniser.begin(stream)
    recogniser.advance([(stream, audio(0.5))])
    recogniser.finish([stream])
    assert decoder.asked[-1][0].prefix == ()
    assert len(decoder.asked[-1][0].signal) == 8000


def test_telephone_audio_is_widened() -> None:
    recogniser, decoder = engine(hypothesis("yes"))
    stream = opened(recogniser, StreamSpec("en", 8000))
    recogniser.advance([(stream, audio(0.5, 8000))])
    recogniser.finish([stream])
    assert len(decoder.asked[0][0].signal) == pytest.approx(8000, abs=64)


@pytest.mark.parametrize(
    ("answer", "understood"),
    [
        (hypothesis(""), False),
        (hypothesis("thank you", probability=0.2, silence=0.9), False),
        (hypothesis("thank you", probability=0.8, silence=0.9), True),
        (hypothesis("thank you", probability=0.2, silence=0.1), True),
        (hypothesis("no no no no " * 30), False),
    ],
)
def test_silence_and_what_repeats_itself_are_not_understood(answer: Hypothesis, understood: bool) -> None:
    recogniser, _ = engine(answer)
    stream = opened(recogniser)
    recogniser.advance([(stream, audio(0.5))])
    assert recogniser.finish([stream])[0].understood is understood


def test_silence_settles_no_partial() -> None:
    recogniser, _ = engine(hypothesis("thanks", probability=0.1, silence=0.9))
    assert recogniser.advance([(opened(recogniser), audio(1.0))]) == [None]


def test_audio_for_an_utterance_that_was_not_begun_is_an_error() -> None:
    recogniser, _ = engine()
    stream = recogniser.open(EN)
    with pytest.raises(EngineError, match="no_open_utterance"):
        recogniser.advance([(stream, b"")])
    with pytest.raises(EngineError, match="no_open_utterance"):
        recogniser.finish([stream])


def test_a_language_that_nobody_said_is_the_first_hypothesis_to_the_end_of_the_utterance() -> None:
    spoken = [replace(hypothesis("guten tag"), language=code, language_probability=0.7) for code in ("de", "en", "en")]
    recogniser, decoder = engine(*spoken)
    stream = opened(recogniser, StreamSpec(UNDETERMINED, 16000))
    recogniser.advance([(stream, audio(1.0))])
    (first,) = recogniser.finish([stream])
    assert (first.language, first.language_confidence) == ("de", 0.7)
    assert [batch[0].language for batch in decoder.asked] == [UNDETERMINED, "de"]
    assert decoder.asked[0][0].choices == {"en", "de"}
    recogniser.begin(stream)
    recogniser.advance([(stream, audio(0.5))])
    assert recogniser.finish([stream])[0].language == "en", "the next utterance is another"


def test_silence_is_in_no_language() -> None:
    recogniser, decoder = engine(hypothesis("uh", probability=0.1, silence=0.9), hypothesis("hello"))
    stream = opened(recogniser, StreamSpec(UNDETERMINED, 16000))
    recogniser.advance([(stream, audio(1.0))])
    recogniser.finish([stream])
    assert decoder.asked[1][0].language == UNDETERMINED


def test_a_model_of_one_language_detects_none() -> None:
    recogniser, decoder = engine()
    decoder.detects_language = False
    with pytest.raises(LanguageNotServed):
        recogniser.open(StreamSpec(UNDETERMINED, 16000))
