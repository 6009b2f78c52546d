"""How a provider's models are called here: the deployment's default, and others that an agent may name. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from media_worker.language_models.base import ModelError


@dataclass(frozen=True, slots=True)
class ModelNames:
    """`default` and the values of `others` are the provider's ids."""

    default: str
    others: Mapping[str, str] = field(default_factory=dict)

    def id_of(self, name: str | None) -> str:
        """Raises ModelError for a name that this deployment has no model for."""
        if name is None:
            return self.default
        if name not in self.others:
            raise ModelError("model_not_known")
        return self.others[name]


def pairs(text: str) -> dict[str, str]:
    """`name=id,name=id`; an id may have more signs of equality in it. Raises ValueError."""
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, sign, value = pair.partition("=")
        if not (sign and name.strip() and value.strip()):
            raise ValueError(pair)
        found[name.strip()] = value.strip()
    return found
