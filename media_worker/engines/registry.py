"""Engine sets by name. Adding one: a module with a `build(EngineSettings) -> EngineSet`, and its line in `ENGINES`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import cast

from media_worker.engines.base import EngineSet

DEFAULT = "embedded"


class EnginesNotAvailable(Exception):
    """The engine set that was asked for cannot run here; the message tells the operator why. Nothing replaces it."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What an engine set is built from. `options` are the set's own switches."""

    models_dir: Path
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Module:
    """Where a set's `build` is; imported only when the set is asked for."""

    name: str

    def build(self, settings: EngineSettings) -> EngineSet:
        return cast(EngineSet, import_module(self.name).build(settings))


@dataclass(frozen=True, slots=True)
class _NotInThisRelease:
    needs: str

    def build(self, settings: EngineSettings) -> EngineSet:
        raise EnginesNotAvailable(f"not in this release: {self.needs}")


ENGINES: Mapping[str, _Module | _NotInThisRelease] = MappingProxyType(
    {
        "embedded": _Module("media_worker.engines.embedded.engines"),
        "scripted": _Module("media_worker.engines.scripted"),
        "whisper": _Module("media_worker.engines.whisper.engines"),
        "aws": _NotInThisRelease("Amazon Transcribe, Translate and Polly"),
    }
)


def check(name: str) -> None:
    """Raise `EnginesNotAvailable` for a name that this release cannot build, before any process is started."""
    entry = ENGINES.get(name)
    if entry is None:
        raise EnginesNotAvailable(f"no engines are called {name!r}; there are {', '.join(sorted(ENGINES))}")
    if isinstance(entry, _NotInThisRelease):
        raise EnginesNotAvailable(f"engines {name!r} are not in this release: {entry.needs}")


def build(name: str, settings: EngineSettings) -> EngineSet:
    check(name)
    return ENGINES[name].build(settings)
