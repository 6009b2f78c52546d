from pathlib import Path

import pytest

from media_worker.engines.embedded.phrase_templates import needed, said
from media_worker.engines.embedded.phrases import BadBook, Phrase, PhraseBook, normal, sections, unaccented


@pytest.fixture(scope="module")
def book() -> PhraseBook:
    return PhraseBook.read()


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ("hello i have a question about my order", "hola, tengo una pregunta sobre mi pedido"),
        ("Hello! I have a question about my order.", "hola, tengo una pregunta sobre mi pedido"),
        ("my order number is four five two seven", "mi número de pedido es cuatro cinco dos siete"),
        ("My order number is 4527", "mi número de pedido es 4527"),
        ("can you tell me when my package will arrive please", "¿puede decirme cuándo llegará mi paquete, por favor?"),
        ("i was charged forty five dollars too much", "me han cobrado cuarenta y cinco dólares de más"),
        ("your appointment is on monday at half past nine", "su cita es el lunes a las nueve y media"),
        ("my name is john smith", "mi nombre es John Smith"),
        ("i cannot find your invoice", "no encuentro su factura"),
        ("thank you for calling how can i help you today", "gracias por llamar, ¿en qué puedo ayudarle?"),
    ],
)
def test_english_phrases_are_said_in_spanish(book: PhraseBook, heard: str, told: str) -> None:
    assert book.translate(heard, "en", "es") == Phrase(told, "")


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ("hola tengo una pregunta sobre mi pedido", "hello, i have a question about my order"),
        ("¿En qué puedo ayudarle?", "how can i help you"),
        ("en que puedo ayudarle", "how can i help you"),
        ("su pedido llegará el martes", "your order will arrive on tuesday"),
        ("me han cobrado treinta y cinco euros de más", "i was charged thirty five euros too much"),
        ("le devolveremos el dinero a su tarjeta", "we will refund the money to your card"),
        ("quisiera cancelar mi suscripción por favor", "i would like to cancel my subscription, please"),
        ("no se preocupe", "do not worry"),
    ],
)
def test_spanish_phrases_are_said_in_english(book: PhraseBook, heard: str, told: str) -> None:
    assert book.translate(heard, "es", "en") == Phrase(told, "")


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ("can i cancel it", "¿puedo cancelarlo?"),
        ("can i return it", "¿puedo devolverlo?"),
        ("my account is closed", "mi cuenta está cerrada"),
        ("my account is suspended", "mi cuenta está suspendida"),
        ("i want to confirm my address", "quiero confirmar mi dirección"),
        ("i want to cancel my appointment on monday", "quiero cancelar mi cita el lunes"),
        ("a technician will visit you tomorrow", "un técnico le visitará mañana"),
        ("two please", "dos, por favor"),
    ],
)
def test_wordings_of_one_line_mean_the_same(book: PhraseBook, heard: str, told: str) -> None:
    assert book.translate(heard, "en", "es") == Phrase(told, "")


def test_an_opening_is_known_even_when_the_rest_is_not(book: PhraseBook) -> None:
    assert book.translate("good morning the moon is blue", "en", "es") == Phrase("buenos días", "the moon is blue")


def test_spanish_no_before_unknown_words_is_left_to_the_machine(book: PhraseBook) -> None:
    assert book.translate("no duerme bien", "es", "en") is None


def test_what_is_not_in_the_book_is_not_guessed(book: PhraseBook) -> None:
    assert book.translate("the moon is blue", "en", "es") is None
    assert book.translate("hello", "en", "fr") is None


def test_a_lines_first_wordings_translate_into_each_other() -> None:
    lines = sections("good day | hi [there] = hola | buenas\n> only left = solo\n< nur = only right\n", reverse=False)
    assert [(line.understood, line.said) for line in lines["phrases"]] == [
        (("good day", "hi [there]"), "hola"),
        (("only left",), "solo"),
    ]


def test_a_wording_that_lacks_a_slot_of_what_is_said_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "book.txt"
    path.write_text("my name = soy {name}\n")
    monkeypatch.setattr("media_worker.engines.embedded.phrases._BOOKS", (("en", "es", path),))
    with pytest.raises(BadBook, match="'my name' does not tell name"):
        PhraseBook.read()


def test_templates_are_said_without_options_and_with_their_first_choice() -> None:
    assert said("¿(can/may) i help [you [there]] [(x/y)], {name}?") == "¿can i help, {name}?"


def test_only_texts_with_all_fixed_words_are_compared() -> None:
    assert needed("the [very] (red/blue) {thing} is late", str) == {"the", "is", "late"}


def test_sentences_are_compared_without_case_marks_or_accents() -> None:
    assert normal("¿Qué tal, señor? Son 3.50 €.") == "qué tal señor son 3.50 €"
    assert unaccented("qué señor") == "que señor"
