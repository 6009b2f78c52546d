import pytest

from media_worker.engines.embedded.truecase import finished, is_question, mark_of, truecase, uncapitalised


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("i have a question", "I have a question"),
        ("i'm calling on monday in may", "I'm calling on Monday in may"),
        ("can i pay in march", "Can I pay in March?"),
        ("hello can you hear me", "Hello can you hear me?"),
        ("my order is late.", "My order is late"),
        ("IBM called i think", "IBM called i think"),
    ],
)
def test_english_is_cased_and_asked(heard: str, written: str) -> None:
    assert truecase(heard, "en") == written


@pytest.mark.parametrize(
    ("sentence", "language", "asks"),
    [
        ("cuándo llega mi pedido", "es", True),
        ("en qué puedo ayudarle", "es", True),
        ("puede repetir su nombre", "es", True),
        ("puede ser", "es", False),
        ("mi pedido no llega", "es", False),
        ("what time is it", "en", True),
        ("what?", "ca", True),
        ("thank you, how can i help you", "en", True),
        ("i know what you mean", "en", False),
    ],
)
def test_questions_are_known_by_mark_or_by_their_first_words(sentence: str, language: str, asks: bool) -> None:
    assert is_question(sentence, language) is asks


@pytest.mark.parametrize(
    ("text", "language", "mark", "read"),
    [
        ("hola,  tengo prisa", "es", "", "Hola, tengo prisa."),
        ("¿dónde está?", "es", "", "¿Dónde está?"),
        ("dónde está mi pedido?", "es", "", "¿Dónde está mi pedido?"),
        ("ya voy", "es", "!", "¡Ya voy!"),
        ("how can i help you", "en", "", "How can I help you?"),
        ("👍", "en", "", "👍"),
        ("", "en", "", ""),
    ],
)
def test_a_translation_is_finished_as_it_is_read(text: str, language: str, mark: str, read: str) -> None:
    assert finished(text, language, mark) == read


def test_a_sentences_mark_is_its_last_character() -> None:
    assert [mark_of(text) for text in ("a.", "a? ", "a", "")] == [".", "?", "", ""]


def test_in_the_middle_of_a_sentence_only_i_keeps_its_capital() -> None:
    assert [uncapitalised(text, "en") for text in ("I am", "It is", "")] == ["I am", "it is", ""]
