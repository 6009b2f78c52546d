"""Where the API is, and which key opens it: flags, else the environment, else what `make run` has written.

The key of one deployment must never travel to another, so what `make run` has written is not completed from the
environment, nor the other way round.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kallglot.cli.problems import UsageProblem

API_URL = "KALLGLOT_API_URL"
API_KEY = "KALLGLOT_API_KEY"
EVENTS_URL = "KALLGLOT_EVENTS_URL"
_RUNNING = Path(".local") / "run.json"
_NOWHERE = f"no deployment to talk to: set {API_URL} and {API_KEY}, or start one on this machine with `make run`"


@dataclass(frozen=True, slots=True)
class Configuration:
    """`events_url` is None where nobody has said it; then what happens is asked for instead of listened to."""

    api_url: str
    api_key: str
    events_url: str | None
    source: str

    @property
    def is_local(self) -> bool:
        """Started by `make run` on this machine."""
        return self.source == str(_RUNNING)


def configuration(
    api_url: str | None, api_key: str | None, environment: Mapping[str, str], folder: Path
) -> Configuration:
    """The first two are the flags. Raises UsageProblem when an address or a key is missing."""
    url = api_url or environment.get(API_URL)
    key = api_key or environment.get(API_KEY)
    if url and key:
        return Configuration(url, key, environment.get(EVENTS_URL), "flags and environment")
    running = _running(folder)
    if running is not None and url in (None, running.api_url) and key in (None, api_key):
        return replace(running, api_key=key or running.api_key)
    if url or key:
        raise UsageProblem("KALLGLOT_API_KEY is missing" if url else "KALLGLOT_API_URL is missing")
    raise UsageProblem(_NOWHERE)


def _running(folder: Path) -> Configuration | None:
    """The stack of `make run`, from anywhere inside its checkout."""
    for place in (folder, *folder.parents):
        try:
            told = json.loads((place / _RUNNING).read_text())
            return Configuration(told["api_url"], told["api_key"], told.get("events_url"), str(_RUNNING))
        except (OSError, ValueError, KeyError):
            continue
    return None
