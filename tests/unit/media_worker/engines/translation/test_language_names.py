import re

from core.domain.languages import LANGUAGES
from media_worker.engines.translation.language_names import FLORES, MADLAD


def test_every_language_of_the_product_has_a_name_of_its_own_in_flores() -> None:
    assert set(FLORES) == set(LANGUAGES)
    assert len(set(FLORES.values())) == len(FLORES)
    assert all(re.fullmatch(r"[a-z]{3}_[A-Z][a-z]{3}", name) for name in FLORES.values())


def test_where_there_is_a_choice_it_is_this_one() -> None:
    chosen = {code: FLORES[code] for code in ("ar", "fa", "no", "sq", "sr", "zh")}
    assert chosen == {
        "ar": "arb_Arab", "fa": "pes_Arab", "no": "nob_Latn", "sq": "als_Latn", "sr": "srp_Cyrl", "zh": "zho_Hans",
    }  # fmt: skip


def test_names_that_differ_in_madlad_are_of_the_product_s_languages() -> None:
    assert set(MADLAD) <= set(LANGUAGES)
