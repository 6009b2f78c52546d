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


ENGINES: Mapping[str, _Module] = MappingProxyType(
    {
        "aws": _Module("media_worker.engines.aws.wiring"),
        "embedded": _Module("media_worker.engines.embedded.engines"),
        "scripted": _Module("media_worker.engines.scripted"),
        "whisper": _Module("media_worker.engines.whisper.engines"),
    }
)


def check(name: str) -> None:
    """Raise `EnginesNotAvailable` for a name that this release cannot build, before any process is started."""
    if name not in ENGINES:
        raise EnginesNotAvailable(f"no engines are called {name!r}; there are {', '.join(sorted(ENGINES))}")


def build(name: str, settings: EngineSettings) -> EngineSet:
    check(name)
    return ENGINES[name].build(settings)
