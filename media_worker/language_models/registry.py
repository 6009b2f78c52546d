"""Language models by name. Adding one: a module with a `build(ModelSettings) -> LanguageModel`, and its line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import cast

from media_worker.language_models.base import LanguageModel
from media_worker.language_models.bounded import Bounds
from media_worker.language_models.budget import Prices
from media_worker.language_models.names import ModelNames, pairs

DEFAULT = "embedded"


class ModelNotAvailable(Exception):
    """The language model that was asked for cannot run here; the message tells the operator why."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What a model is built from: its own switches, all of them text, and where secrets are read by name or ARN."""

    options: Mapping[str, str] = field(default_factory=dict)
    read_secret: Callable[[str], bytes] | None = None

    def names(self) -> ModelNames:
        """Options `model`, which must be given, and `models` (`name=id,name=id`), which agents may choose among."""
        if not self.options.get("model"):
            raise ModelNotAvailable("the option `model` says which model answers, by the name its provider has for it")
        try:
            return ModelNames(self.options["model"], pairs(self.options.get("models", "")))
        except ValueError as error:
            raise ModelNotAvailable(f"models: name=id,name=id is wanted, not {error}") from error

    def bounds(self) -> Bounds:
        usual = Bounds()
        return Bounds(
            self.number("first_s", usual.first_s),
            self.number("next_s", usual.next_s),
            self.number("total_s", usual.total_s),
        )

    def number(self, name: str, usual: float) -> float:
        try:
            value = float(self.options.get(name, usual))
        except ValueError:
            value = -1.0
        if not 0 <= value < 1e6:
            raise ModelNotAvailable(f"{name} is a number, not {self.options[name]!r}")
        return value


@dataclass(frozen=True, slots=True)
class _Module:
    """Where a model's `build` is; imported only when it is asked for."""

    name: str

    def build(self, settings: ModelSettings) -> LanguageModel:
        return cast(LanguageModel, import_module(self.name).build(settings))


MODELS: Mapping[str, _Module] = MappingProxyType(
    {
        "bedrock": _Module("media_worker.language_models.bedrock.wiring"),
        "embedded": _Module("media_worker.language_models.embedded.wiring"),
        "openai": _Module("media_worker.language_models.openai_compatible.wiring"),
    }
)


def build(name: str, settings: ModelSettings) -> LanguageModel:
    """Raises ModelNotAvailable; asks no provider, so that a wrong key or model is seen at the first answer."""
    if name not in MODELS:
        raise ModelNotAvailable(f"no language model is called {name!r}; there are {', '.join(sorted(MODELS))}")
    return MODELS[name].build(settings)


def prices(settings: ModelSettings) -> Prices:
    """Options `price_read` and `price_written`, in US dollars per million tokens; without them nothing costs."""
    return Prices(settings.number("price_read", 0.0), settings.number("price_written", 0.0))
