"""What a listener says to show that they listen: no answer, and no wish to speak. Pure.

Only while somebody else speaks: "yes" after a question is an answer, and so it is not looked at then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_MOST_WORDS = 4
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")  # noqa: RUF001 - apostrophes as they are written
_EVERYWHERE = "ah aha eh ehm hm hmm hmmm huh m mh mhm mm mmm mmhm oh ok okay uh uhhuh uh-huh um umm"
_BY_LANGUAGE: Mapping[str, str] = MappingProxyType(
    {
        "de": "ja jaja genau gut klar richtig stimmt so soso verstehe ach",
        "en": "yes yeah yep right sure i see good fine got it alright exactly true",
        "es": "sí si ya vale claro bien bueno exacto entiendo ajá aja perfecto",
        "fr": "oui ouais bien d'accord entendu voilà je vois exact",
        "it": "sì si va bene certo esatto capisco giusto",
        "nl": "ja goed precies klopt oké snap het",
        "pl": "tak dobrze jasne rozumiem no",
        "pt": "sim tá certo claro entendo bem exato pois",
    }
)
_WORDS = {language: frozenset(f"{_EVERYWHERE} {words}".split()) for language, words in _BY_LANGUAGE.items()}
_SOUNDS = frozenset(_EVERYWHERE.split())


def is_backchannel(text: str, language: str) -> bool:
    """At most a few words, each of them one of those. Other languages have sounds only."""
    words = [word.casefold() for word in _WORD.findall(text)]
    known = _WORDS.get(language, _SOUNDS)
    return 0 < len(words) <= _MOST_WORDS and all(word in known for word in words)
