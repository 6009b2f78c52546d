"""What is the operator's and not the API's: handed on to programs of the deployment, where those are installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kallglot.cli.problems import UsageProblem

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands
    from kallglot.cli.context import Context


class Program(NamedTuple):
    module: str
    help: str


PROGRAMS: Mapping[str, Program] = MappingProxyType(
    {
        "models": Program("media_worker.model_store", "models of the engines: pull, list, verify, lock"),
        "doctor": Program("local.doctor", "what a deployment would lack, and whether a call goes through it"),
        "orgs": Program("local.organization", "organizations of a deployment: their settings and limits"),
        "secrets": Program("local.rotation", "secrets of a deployment: rotate what keys and tokens are made with"),
    }
)
# A noun of the API's, too: whose keys they are says who is meant.
_KEYS = Program("local.keys", "API keys of any organization of a deployment")
_WHOSE = "--organization"
_CHECKOUT = Path(__file__).resolve().parents[4]


def add_to(commands: Commands) -> None:
    for noun, program in PROGRAMS.items():
        commands.add(noun, _unreached, program.help)


def is_meant(arguments: Sequence[str]) -> bool:
    """Whether the command line is for one of them: they talk to no API, and know their own options."""
    return _program(arguments) is not None


def handed_on(arguments: Sequence[str]) -> int:
    program = _program(arguments)
    assert program is not None
    words = list(arguments)
    words.remove(noun := _noun(arguments))
    module = program.module
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, env=_environment(noun, module), check=False).returncode


def _program(arguments: Sequence[str]) -> Program | None:
    noun = _noun(arguments)
    if noun == "keys" and any(word.partition("=")[0] == _WHOSE for word in arguments):
        return _KEYS
    return PROGRAMS.get(noun)


def _noun(arguments: Sequence[str]) -> str:
    return next(iter(word for word in arguments if word != "--json"), "")


def _environment(noun: str, module: str) -> dict[str, str]:
    """With the repository that this client is part of on the path, or where the module is installed."""
    file = _CHECKOUT / module.replace(".", "/")
    if file.is_dir() or file.with_suffix(".py").exists():
        path = os.pathsep.join(filter(None, (str(_CHECKOUT), os.environ.get("PYTHONPATH", ""))))
        return {**os.environ, "PYTHONPATH": path}
    if find_spec(module.partition(".")[0]) is None:
        raise UsageProblem(f"{noun} belongs to the deployment: run this in a checkout of Kallglot, or in its image")
    return dict(os.environ)


def _unreached(context: Context) -> None:
    noun = context.options.noun
    raise UsageProblem(f"`kallglot {noun} --help` says what can be done")
