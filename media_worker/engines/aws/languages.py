"""What Transcribe, Translate and Polly call the product's languages, as their documentation lists them. Data only.

A language is heard in the variety of its largest market; the option `dialects` (`en=en-GB,pt=pt-PT`) says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.domain.languages import LANGUAGES

# Languages of Transcribe's *streaming* interface.
HEARD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "af": ("af-ZA",), "ar": ("ar-SA", "ar-AE"), "ca": ("ca-ES",), "cs": ("cs-CZ",), "da": ("da-DK",),
        "de": ("de-DE", "de-CH"), "el": ("el-GR",),
        "en": ("en-US", "en-GB", "en-AU", "en-IN", "en-IE", "en-NZ", "en-AB", "en-ZA", "en-WL"),
        "es": ("es-US", "es-ES"), "eu": ("eu-ES",), "fa": ("fa-IR",), "fi": ("fi-FI",), "fr": ("fr-FR", "fr-CA"),
        "gl": ("gl-ES",), "he": ("he-IL",), "hi": ("hi-IN",), "hr": ("hr-HR",), "id": ("id-ID",), "it": ("it-IT",),
        "ja": ("ja-JP",), "ko": ("ko-KR",), "lv": ("lv-LV",), "ms": ("ms-MY",), "nl": ("nl-NL",), "no": ("no-NO",),
        "pl": ("pl-PL",), "pt": ("pt-BR", "pt-PT"), "ro": ("ro-RO",), "ru": ("ru-RU",), "sk": ("sk-SK",),
        "sr": ("sr-RS",), "sv": ("sv-SE",), "th": ("th-TH",), "tl": ("tl-PH",), "uk": ("uk-UA",), "vi": ("vi-VN",),
        "zh": ("zh-CN", "zh-TW", "zh-HK"),
    }
)  # fmt: skip

# Translate knows its languages by our codes.
WRITTEN = frozenset(LANGUAGES) - {"be", "eu", "gl", "ne"}


@dataclass(frozen=True, slots=True)
class Voice:
    name: str
    language: str
    engine: str = "neural"


# The first is the language's default; the session's `voice` may name any other.
VOICES: Mapping[str, tuple[Voice, ...]] = MappingProxyType(
    {
        "ar": (Voice("Hala", "ar-AE"), Voice("Zayd", "ar-AE"), Voice("Zeina", "arb", "standard")),
        "ca": (Voice("Arlet", "ca-ES"),),
        "cs": (Voice("Jitka", "cs-CZ"),),
        "cy": (Voice("Gwyneth", "cy-GB", "standard"),),
        "da": (Voice("Sofie", "da-DK"),),
        "de": (Voice("Vicki", "de-DE"), Voice("Daniel", "de-DE"), Voice("Hannah", "de-AT"), Voice("Sabrina", "de-CH")),
        "en": (
            Voice("Joanna", "en-US"), Voice("Matthew", "en-US"), Voice("Danielle", "en-US"), Voice("Stephen", "en-US"),
            Voice("Amy", "en-GB"), Voice("Arthur", "en-GB"), Voice("Emma", "en-GB"), Voice("Olivia", "en-AU"),
            Voice("Kajal", "en-IN"), Voice("Niamh", "en-IE"), Voice("Aria", "en-NZ"), Voice("Ayanda", "en-ZA"),
        ),
        "es": (
            Voice("Lupe", "es-US"), Voice("Pedro", "es-US"), Voice("Lucia", "es-ES"), Voice("Sergio", "es-ES"),
            Voice("Mia", "es-MX"), Voice("Andres", "es-MX"),
        ),
        "fi": (Voice("Suvi", "fi-FI"),),
        "fr": (Voice("Lea", "fr-FR"), Voice("Remi", "fr-FR"), Voice("Gabrielle", "fr-CA"), Voice("Liam", "fr-CA")),
        "hi": (Voice("Kajal", "hi-IN"),),
        "is": (Voice("Dora", "is-IS", "standard"), Voice("Karl", "is-IS", "standard")),
        "it": (Voice("Bianca", "it-IT"), Voice("Adriano", "it-IT")),
        "ja": (Voice("Kazuha", "ja-JP"), Voice("Tomoko", "ja-JP"), Voice("Takumi", "ja-JP")),
        "ko": (Voice("Seoyeon", "ko-KR"),),
        "nl": (Voice("Laura", "nl-NL"), Voice("Lisa", "nl-BE")),
        "no": (Voice("Ida", "nb-NO"),),
        "pl": (Voice("Ola", "pl-PL"),),
        "pt": (Voice("Camila", "pt-BR"), Voice("Thiago", "pt-BR"), Voice("Ines", "pt-PT")),
        "ro": (Voice("Carmen", "ro-RO", "standard"),),
        "ru": (Voice("Tatyana", "ru-RU", "standard"), Voice("Maxim", "ru-RU", "standard")),
        "sv": (Voice("Elin", "sv-SE"),),
        "tr": (Voice("Burcu", "tr-TR"),),
        "zh": (Voice("Zhiyu", "cmn-CN"),),
    }
)  # fmt: skip

# Written without spaces between words.
UNSPACED = frozenset({"ja", "th", "zh"})
