"""The embedded engine set: what well-known programs bring along, for a narrow domain, with nothing downloaded."""

from __future__ import annotations

from media_worker.engines.base import EngineSet
from media_worker.engines.embedded.recogniser import ModelsMissing, SphinxSpeechToText
from media_worker.engines.embedded.translator import ApertiumTranslator
from media_worker.engines.embedded.voice import EspeakTextToSpeech
from media_worker.engines.embedded.written import WrittenSpeechToText
from media_worker.engines.registry import EngineSettings, EnginesNotAvailable


def build(settings: EngineSettings) -> EngineSet:
    """Raises `EnginesNotAvailable` when the models, Apertium or espeak-ng are not there."""
    voice = EspeakTextToSpeech()
    try:
        recogniser = SphinxSpeechToText(settings.models_dir)
    except ModelsMissing as error:
        raise EnginesNotAvailable("; ".join(error.__notes__)) from error
    translator = ApertiumTranslator()
    return EngineSet("embedded", WrittenSpeechToText(recogniser), translator, voice, translator.close)
