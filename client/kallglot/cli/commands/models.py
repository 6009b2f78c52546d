"""kallglot models: handed on to the media worker's own program, where that is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kallglot.cli.problems import UsageProblem

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands
    from kallglot.cli.context import Context

_PROGRAM = "media_worker.model_store"
_CHECKOUT = Path(__file__).resolve().parents[4]


def add_to(commands: Commands) -> None:
    commands.add("models", _unreached, "models of the engines: pull, list, verify, lock")


def are_meant(arguments: Sequence[str]) -> bool:
    """Whether the command line is for the store: it talks to no deployment, and knows its own options."""
    return next(iter(word for word in arguments if word != "--json"), "") == "models"


def handed_on(arguments: Sequence[str]) -> int:
    words = list(arguments)
    words.remove("models")
    return subprocess.run([sys.executable, "-m", _PROGRAM, *words], env=_environment(), check=False).returncode


def _environment() -> dict[str, str]:
    """With the repository that this client is part of on the path, unless the worker is installed."""
    if find_spec(_PROGRAM.partition(".")[0]) is not None:
        return dict(os.environ)
    if not (_CHECKOUT / _PROGRAM.replace(".", "/")).is_dir():
        raise UsageProblem("models belong to the media worker: run this in a checkout of Kallglot, or in its image")
    path = os.pathsep.join(filter(None, (str(_CHECKOUT), os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": path}


def _unreached(_context: Context) -> None:
    raise UsageProblem("`kallglot models --help` says what can be done with models")
