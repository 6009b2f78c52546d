"""What models for many languages call the product's languages (`core.domain.languages`), where that is not its code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# One variety of each, the one that calls are most likely in: Modern Standard Arabic, North Azerbaijani, Iranian
# Persian, Standard Latvian, Standard Malay, Bokmål (Whisper, too, writes Norwegian so), Tosk Albanian, Serbian in
# Cyrillic, Chinese in simplified characters.
FLORES: Mapping[str, str] = MappingProxyType(
    {
        "af": "afr_Latn", "ar": "arb_Arab", "az": "azj_Latn", "be": "bel_Cyrl", "bg": "bul_Cyrl", "bn": "ben_Beng",
        "bs": "bos_Latn", "ca": "cat_Latn", "cs": "ces_Latn", "cy": "cym_Latn", "da": "dan_Latn", "de": "deu_Latn",
        "el": "ell_Grek", "en": "eng_Latn", "es": "spa_Latn", "et": "est_Latn", "eu": "eus_Latn", "fa": "pes_Arab",
        "fi": "fin_Latn", "fr": "fra_Latn", "ga": "gle_Latn", "gl": "glg_Latn", "gu": "guj_Gujr", "he": "heb_Hebr",
        "hi": "hin_Deva", "hr": "hrv_Latn", "hu": "hun_Latn", "hy": "hye_Armn", "id": "ind_Latn", "is": "isl_Latn",
        "it": "ita_Latn", "ja": "jpn_Jpan", "ka": "kat_Geor", "kk": "kaz_Cyrl", "kn": "kan_Knda", "ko": "kor_Hang",
        "lt": "lit_Latn", "lv": "lvs_Latn", "mk": "mkd_Cyrl", "ml": "mal_Mlym", "mr": "mar_Deva", "ms": "zsm_Latn",
        "ne": "npi_Deva", "nl": "nld_Latn", "no": "nob_Latn", "pa": "pan_Guru", "pl": "pol_Latn", "pt": "por_Latn",
        "ro": "ron_Latn", "ru": "rus_Cyrl", "sk": "slk_Latn", "sl": "slv_Latn", "sq": "als_Latn", "sr": "srp_Cyrl",
        "sv": "swe_Latn", "sw": "swh_Latn", "ta": "tam_Taml", "te": "tel_Telu", "th": "tha_Thai", "tl": "tgl_Latn",
        "tr": "tur_Latn", "uk": "ukr_Cyrl", "ur": "urd_Arab", "vi": "vie_Latn", "zh": "zho_Hans",
    }
)  # fmt: skip
"""NLLB-200's, as the FLORES-200 benchmark names them: language (ISO 639-3) and script (ISO 15924)."""

MADLAD: Mapping[str, tuple[str, ...]] = MappingProxyType({"he": ("he", "iw"), "no": ("no", "nb"), "tl": ("fil", "tl")})
"""MADLAD-400's, where they may differ from ours; the first that the model's vocabulary has is taken."""
