from pathlib import Path

import pytest

from core.adapters import clients
from core.domain.engines import ENGINE_SETS
from media_worker.engines import registry
from media_worker.engines.base import Capabilities
from media_worker.engines.registry import EngineSettings, EnginesNotAvailable
from media_worker.settings import WorkerSettings

SETTINGS = EngineSettings(Path("models"))


def test_a_set_is_built_by_its_name() -> None:
    assert registry.build("scripted", SETTINGS).name == "scripted"


def test_the_managed_set_without_a_region_says_so_and_nothing_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    clients.session.cache_clear()
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(EnginesNotAvailable, match="no region"):
        registry.build("aws", SETTINGS)
    clients.session.cache_clear()


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(EnginesNotAvailable, match="no engines are called 'google'; there are aws, embedded"):
        registry.check("google")


def test_the_default_is_the_embedded_set() -> None:
    assert WorkerSettings.model_fields["engines"].default == "embedded" == registry.DEFAULT


def test_the_control_plane_tells_what_the_scripted_set_does() -> None:
    told, done = ENGINE_SETS["scripted"], Capabilities.of(registry.build("scripted", SETTINGS))
    assert (told.speech_in, told.pairs, told.speech_out) == (done.speech_in, done.pairs, done.speech_out)
