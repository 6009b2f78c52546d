import pytest

from media_worker.engines.embedded.lexicon_es import phones, pronunciations

SPELLINGS = {
    "casa": "K AA S AA",
    "cena": "TH EH N AA",
    "zapato": "TH AA P AA T OW",
    "chico": "CH IY K OW",
    "llamo": "Y AA M OW",
    "perro": "P EH R OW",
    "que": "K EH",
    "guerra": "G EH R AA",
    "pingüino": "P IY N G W IY N OW",
    "agua": "AA G W AA",
    "gente": "HH EH N T EH",
    "julio": "HH UW L Y OW",
    "hola": "OW L AA",
    "hueso": "W EH S OW",
    "hielo": "Y EH L OW",
    "año": "AA N Y OW",
    "hoy": "OY",
    "yo": "Y OW",
    "y": "IY",
    "reina": "R EY N AA",
    "aire": "AY R EH",
    "auto": "AW T OW",
    "ciudad": "TH Y UW D AA D",
    "tía": "T IY AA",
    "excelente": "EH K S TH EH L EH N T EH",
    "vuelo": "B W EH L OW",
    "wifi": "W IY F IY",
}


@pytest.mark.parametrize(("word", "expected"), SPELLINGS.items())
def test_spelling_tells_the_sounds(word: str, expected: str) -> None:
    assert " ".join(phones(word)) == expected


@pytest.mark.parametrize("word", ["naïve", "łódź", "día!", "a b"])
def test_a_letter_that_spanish_lacks_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="no Spanish sound"):
        phones(word)


def spoken(word: str) -> set[str]:
    return {" ".join(sounds) for sounds in pronunciations(word)}


def test_the_spelled_pronunciation_comes_first_and_none_repeats() -> None:
    found = pronunciations("cada")

    assert found[0] == phones("cada")
    assert len(found) == len(set(found))


def test_c_and_z_are_spoken_as_in_spain_and_as_in_america() -> None:
    assert {"TH IY N K OW", "S IY N K OW"} <= spoken("cinco")


def test_america_does_not_double_the_s_of_sc_and_xc() -> None:
    assert "P IY S IY N AA" in spoken("piscina")
    assert not any("S S" in sounds for sounds in spoken("excelente") | spoken("piscina"))


def test_stops_soften_inside_a_word_and_not_at_its_start() -> None:
    assert "D AA DH OW" in spoken("dado")
    assert not any(sounds.startswith("DH") for sounds in spoken("dado"))


def test_an_inner_r_may_be_a_tap_and_an_outer_one_may_not() -> None:
    assert "K AA D OW" in spoken("caro")
    assert all(sounds.startswith("R") and sounds.endswith("R") for sounds in spoken("reir"))


def test_changes_combine() -> None:
    assert "D EY DH AO" in spoken("dedo")
