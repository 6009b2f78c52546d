"""How often an open utterance is heard again, and how sure its words must be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Policy:
    """A first hypothesis after `first_s` of audio, the next every `step_s`; `rounds` must agree on a word."""

    first_s: float
    step_s: float
    rounds: int

    def due(self, heard_s: float, last_s: float | None) -> bool:
        """Whether an utterance of `heard_s` is worth hearing again; `last_s` is where it was heard last."""
        return heard_s >= self.first_s if last_s is None else heard_s - last_s >= self.step_s


# A telephone turn is short: most end before the first hypothesis is due and are decoded once, whole.
POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "quality": Policy(first_s=4.0, step_s=1.5, rounds=3),
        "balanced": Policy(first_s=4.0, step_s=1.0, rounds=2),
        "low": Policy(first_s=1.0, step_s=0.6, rounds=2),
    }
)
DEFAULT = "balanced"
# More than any step and more than a batch takes on a small machine: a stream that fell behind while others were decoded
# has caught up in one round, and shares its batch with them, rather than in many rounds with a batch in each.
SLICE_S = 2.0
