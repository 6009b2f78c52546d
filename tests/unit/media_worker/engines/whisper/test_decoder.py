"""The decoder over a model made by hand: every word is a pitch (`tests.models.melody`)."""

from pathlib import Path

import numpy as np
import pytest

from media_worker.engines.base import UNDETERMINED, StreamSpec
from media_worker.engines.whisper.decoder import Piece, WhisperDecoder
from media_worker.engines.whisper.policy import POLICIES
from media_worker.engines.whisper.recogniser import WhisperSpeechToText
from media_worker.engines.whisper.windows import RATE_HZ, Signal
from tests.models import melody

LONG = "i have a question about my order thank you about my order i have a question about my order"


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> WhisperDecoder:
    folder: Path = melody.build(tmp_path_factory.mktemp("melody"))
    return WhisperDecoder(folder, compute_type="float32")


def signal(text: str) -> Signal:
    samples = np.frombuffer(melody.melody(text, RATE_HZ), "<i2").astype(np.float32)
    return np.asarray(samples / 32768, np.float32)


def test_utterances_of_any_length_and_language_are_heard_together_in_order(decoder: WhisperDecoder) -> None:
    said = [("en", "thank you"), ("es", "tengo una pregunta"), ("en", LONG), ("es", "muchas gracias señora")]
    pieces = [Piece(signal(text), language, with_times=True) for language, text in said]
    heard = decoder.hear(pieces)
    assert [hypothesis.text for hypothesis in heard] == [text for _, text in said]
    assert [[word.text for word in hypothesis.timed] for hypothesis in heard] == [text.split() for _, text in said]
    ends = [hypothesis.timed[-1].end_s for hypothesis in heard]
    assert ends == pytest.approx([len(text.split()) * melody.WORD_S for _, text in said], abs=0.1)
    # Each alignment was made on its own utterance's encoding, or its words would be unlikely.
    assert all(word.confidence > 0.9 for hypothesis in heard for word in hypothesis.timed)
    assert all(hypothesis.probability > 0.9 and hypothesis.silence < 0.1 for hypothesis in heard)


def test_words_have_the_times_at_which_they_sound(decoder: WhisperDecoder) -> None:
    (heard,) = decoder.hear([Piece(signal("hello my order"), "en", with_times=True)])
    assert [round(word.start_s, 1) for word in heard.timed] == [0.0, 0.5, 1.0]
    assert heard.timed[-1].end_s == pytest.approx(1.5, abs=0.1)


def test_what_is_settled_stays_and_is_not_told_again(decoder: WhisperDecoder) -> None:
    (whole,) = decoder.hear([Piece(signal("hello i have"), "en")])
    settled = tuple(token for word in whole.words[:2] for token in word.tokens)
    (heard,) = decoder.hear([Piece(signal("thank you about my order"), "en", prefix=settled)])
    assert heard.text == "hello i about my order"
    assert [word.text for word in heard.words] == [" about", " my", " order"]


def test_silence_says_so(decoder: WhisperDecoder) -> None:
    (heard,) = decoder.hear([Piece(np.zeros(RATE_HZ, np.float32), "en", with_times=True)])
    assert (heard.text, heard.words, heard.timed, heard.probability) == ("", (), (), 0.0)
    assert heard.silence > 0.9


def test_hints_go_before_the_utterance(decoder: WhisperDecoder) -> None:
    plain, hinted = Piece(signal("hello"), "en"), Piece(signal("hello"), "en", hints=("Kallglot", "PX-9"))
    begin = decoder._tokenizer("en").sot_prev
    assert decoder._prompt(hinted)[0] == begin
    assert decoder._prompt(hinted)[-4:] == decoder._prompt(plain)
    # Their positions differ, so the model will not take both in one pass.
    assert [heard.text for heard in decoder.hear([plain, hinted, plain])][::2] == ["hello", "hello"]


def test_it_serves_what_its_tokenizer_knows(decoder: WhisperDecoder) -> None:
    assert {"en", "es", "de"} <= decoder.languages()


def test_languages_are_detected_in_the_same_batch_as_those_that_are_known(decoder: WhisperDecoder) -> None:
    choices = frozenset({"en", "es", "de"})
    said = ["tengo una pregunta", "hello", "muchas gracias", "i have a question"]
    asked = [UNDETERMINED, "en", UNDETERMINED, UNDETERMINED]
    heard = decoder.hear([Piece(signal(text), code, choices=choices) for text, code in zip(said, asked, strict=True)])
    assert [hypothesis.language for hypothesis in heard] == ["es", "en", "es", "en"]
    assert [hypothesis.text for hypothesis in heard] == said
    assert heard[1].language_probability == 1.0
    assert all(0.85 < hypothesis.language_probability <= 1.0 for hypothesis in heard)


def test_only_a_language_that_is_served_is_detected(decoder: WhisperDecoder) -> None:
    (heard,) = decoder.hear([Piece(signal("tengo una pregunta"), UNDETERMINED, choices=frozenset({"en", "de"}))])
    assert heard.language in {"en", "de"}


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_nothing_that_was_committed_is_ever_erased(decoder: WhisperDecoder, policy: str) -> None:
    recogniser = WhisperSpeechToText(decoder, POLICIES[policy], frozenset({"en"}))
    stream = recogniser.open(StreamSpec("en", RATE_HZ))
    recogniser.begin(stream)
    pcm, committed, erased = melody.melody(LONG, RATE_HZ), list[str](), 0
    for start in range(0, len(pcm), 6400):
        recogniser.advance([(stream, pcm[start : start + 6400])])
        now = [word.text for word in stream.agreement.committed]
        erased += now[: len(committed)] != committed
        committed = now
    (result,) = recogniser.finish([stream])
    erased += not result.text.startswith("".join(committed).strip())
    assert erased == 0 and committed, "and something was committed before the end"
    assert [word.text for word in result.words] == result.text.split()
    assert all(0.0 <= word.start_s < word.end_s and 0.0 <= word.confidence <= 1.0 for word in result.words)


def test_hints_are_cut_to_what_a_prompt_may_be_and_never_come_back_as_text(decoder: WhisperDecoder) -> None:
    hints = tuple(f"hint{number}" for number in range(200))
    piece = Piece(signal("hello"), "en", hints=hints, with_times=True)
    assert len(decoder._hints(piece)) == 64
    (heard,) = decoder.hear([piece])
    words = [*(word.text for word in heard.words), *(word.text for word in heard.timed)]
    assert "hint" not in heard.text + "".join(words)
