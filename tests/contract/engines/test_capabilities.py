"""The control plane carries no engine; what it tells of them must be what they do."""

from core.domain.engines import ENGINE_SETS
from media_worker.engines.base import Capabilities, EngineSet
from tests.contract.engines.kinds import Kind


def test_what_is_told_of_an_engine_set_is_what_it_does_with_its_default_models(kind: Kind, engines: EngineSet) -> None:
    told, done = ENGINE_SETS[engines.name], Capabilities.of(engines)
    assert (told.speech_in, told.pairs, told.speech_out | kind.adds) == (done.speech_in, done.pairs, done.speech_out)
    assert not told.speech_out & kind.adds
    assert told.detects_language == done.detects_language
