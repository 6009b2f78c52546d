"""Read the arguments, run the command, turn what went wrong into a line and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kallglot.cli import problems
from kallglot.cli.arguments import parser
from kallglot.cli.commands import operating
from kallglot.cli.configuration import configuration
from kallglot.cli.context import Context
from kallglot.cli.problems import Failed, UsageProblem
from kallglot.cli.screen import Screen
from kallglot.errors import KallglotError


def main(arguments: Sequence[str], transport: Any = None) -> int:
    """`transport` is httpx's, in place of the network; for tests. Raises SystemExit(2) for wrong usage."""
    try:
        return _carried_out(arguments, transport)
    except UsageProblem as problem:
        return _say(problem, problems.USAGE)
    except KallglotError as error:
        return _say(problems.told(error), problems.REFUSED)
    except BrokenPipeError:
        return _nobody_listens()
    except (Failed, OSError, ValueError) as error:
        return _say(error, problems.REFUSED)
    except KeyboardInterrupt:
        return problems.INTERRUPTED


def _carried_out(arguments: Sequence[str], transport: Any) -> int:
    if operating.is_meant(arguments):
        return operating.handed_on(arguments)
    options = parser().parse_args(arguments)
    chosen = configuration(options.api_url, options.api_key, os.environ, Path.cwd())
    screen = Screen(as_json=options.json)
    return options.run(Context(options, chosen, screen, transport)) or problems.DONE


def _say(problem: object, code: int) -> int:
    line = " ".join(str(problem).split())
    sys.stderr.write(f"kallglot: {line}\n")
    return code


def _nobody_listens() -> int:
    """`kallglot … | head` has what it wanted; nothing is left to flush at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return problems.DONE
