"""Text to text by Apertium: which pipelines lead from one language to another, with the set phrases in front.

A sentence goes: set phrase? else truecased and punctuated as its machine wants it, through the route's pipelines, and
the domain's usual slips mended. Several sentences in one text are translated one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from media_worker.engines.base import EngineError, LanguageNotServed, TranslationRequest
from media_worker.engines.embedded import apertium
from media_worker.engines.embedded.apertium import Pipeline
from media_worker.engines.embedded.mending import mend
from media_worker.engines.embedded.phrases import PhraseBook, after
from media_worker.engines.embedded.truecase import finished, mark_of, truecase, uncapitalised
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.sentences import sentences

MAX_CHARACTERS = 5000

# By measured quality, not by length: from English, Catalan is the better door to Spanish (BLEU 41 against 26 direct).
# Only what is installed is served; Debian packages: apertium-eng-cat, apertium-spa-cat, apertium-eng-spa for the first
# six, apertium-fra-cat, apertium-fr-es, apertium-es-pt, apertium-por-cat, apertium-spa-ita, apertium-cat-ita.
ROUTES: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("en", "es"): ("eng-cat", "cat-spa"),
        ("es", "en"): ("spa-eng",),
        ("en", "ca"): ("eng-cat",),
        ("ca", "en"): ("cat-eng",),
        ("es", "ca"): ("spa-cat",),
        ("ca", "es"): ("cat-spa",),
        ("en", "fr"): ("eng-cat", "cat-fra"),
        ("fr", "en"): ("fr-es", "spa-eng"),
        ("es", "fr"): ("es-fr",),
        ("fr", "es"): ("fr-es",),
        ("en", "pt"): ("eng-cat", "cat-por"),
        ("pt", "en"): ("pt-es", "spa-eng"),
        ("es", "pt"): ("es-pt",),
        ("pt", "es"): ("pt-es",),
        ("en", "it"): ("eng-cat", "cat-ita"),
        ("it", "en"): ("ita-spa", "spa-eng"),
        ("es", "it"): ("spa-ita",),
        ("it", "es"): ("ita-spa",),
    }
)
# No set phrases, so that the book is compared and the machine is asked before the first caller speaks.
_WARM: Mapping[tuple[str, str], str] = MappingProxyType(
    {("en", "es"): "hello the moon is blue", ("es", "en"): "hola la luna es azul"}
)


class ApertiumTranslator:
    """Pipelines of the pairs that are most in use start with the engine; any other with its first sentence."""

    def __init__(
        self,
        installed: Callable[[str], bool] = apertium.installed,
        pipeline: Callable[[str], Pipeline] = Pipeline,
    ) -> None:
        modes = {mode for route in ROUTES.values() for mode in route}
        usable = {mode for mode in modes if installed(mode)}
        self._routes = {pair: route for pair, route in ROUTES.items() if usable.issuperset(route)}
        if not self._routes:
            raise EnginesNotAvailable("no Apertium pair is installed (Debian packages apertium-eng-cat and others)")
        self._pipeline = pipeline
        self._pipelines: dict[str, Pipeline] = {}
        self._phrases = PhraseBook.read()
        for pair, sentence in _WARM.items():
            if pair in self._routes:
                self._translate(sentence, pair)

    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(self._routes)

    def translate(self, requests: Sequence[TranslationRequest]) -> list[str]:
        return [self._translate(request.text, (request.source, request.target)) for request in requests]

    def _translate(self, text: str, pair: tuple[str, str]) -> str:
        if pair not in self._routes:
            raise LanguageNotServed("translation_unavailable")
        if len(text) > MAX_CHARACTERS:
            raise EngineError("text_too_long")
        return " ".join(self._sentence(sentence, pair) for sentence in sentences(apertium.printable(text)))

    def _sentence(self, sentence: str, pair: tuple[str, str]) -> str:
        if not any(character.isalnum() for character in sentence):
            return sentence
        phrase = self._phrases.translate(sentence, *pair)
        if phrase is not None and not phrase.rest:
            return finished(phrase.text, pair[1])
        rest = phrase.rest if phrase is not None else sentence
        translated = mend(rest, self._through_pipelines(truecase(rest, pair[0]), pair), pair)
        if phrase is not None:
            translated = after(phrase.text, uncapitalised(translated, pair[1]))
        return finished(translated, pair[1], mark_of(sentence))

    def _through_pipelines(self, text: str, pair: tuple[str, str]) -> str:
        for mode in self._routes[pair]:
            if mode not in self._pipelines:
                self._pipelines[mode] = self._pipeline(mode)
            text = self._pipelines[mode].translate(text)
        return text

    def close(self) -> None:
        for pipeline in self._pipelines.values():
            pipeline.close()
