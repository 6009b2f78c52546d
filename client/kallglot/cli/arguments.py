"""The command line as a tree: a noun, mostly a verb, and what they take."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from kallglot.about import VERSION
from kallglot.cli.commands import (
    agents,
    keys,
    knowledge,
    operating,
    recording,
    service,
    sessions,
    talk,
    transcript,
    watch,
    webhooks,
)

if TYPE_CHECKING:
    from kallglot.cli.context import Context

_GROUPS = (sessions, talk, watch, transcript, recording, agents, knowledge, webhooks, keys, service, operating)


class Commands:
    """Where a module of `commands` puts its own. Options of all commands go before or after the words."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._nouns = parser.add_subparsers(dest="noun", metavar="COMMAND", required=True)
        self._verbs: dict[str, argparse._SubParsersAction[argparse.ArgumentParser]] = {}

    def noun(self, name: str, help: str) -> None:
        parser = self._nouns.add_parser(name, help=help, description=_sentence(help))
        self._verbs[name] = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def add(self, words: str, run: Callable[[Context], int | None], help: str) -> argparse.ArgumentParser:
        noun, _, verb = words.partition(" ")
        place = self._verbs[noun] if verb else self._nouns
        command = place.add_parser(verb or noun, help=help, description=_sentence(help), parents=[_everywhere()])
        command.set_defaults(run=run)
        return command


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="kallglot", description="Talk to a Kallglot deployment.", parents=[_everywhere()]
    )
    top.set_defaults(api_url=None, api_key=None, json=False)
    top.add_argument("--version", action="version", version=f"kallglot {VERSION}")
    commands = Commands(top)
    for group in _GROUPS:
        group.add_to(commands)
    return top


def _everywhere() -> argparse.ArgumentParser:
    """Without defaults, so that what stands before the words is not forgotten by what comes after them."""
    parent = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options = parent.add_argument_group("everywhere")
    options.add_argument("--api-url", metavar="URL", help="where the API is (else KALLGLOT_API_URL, else `make run`)")
    options.add_argument("--api-key", metavar="KEY", help="better in KALLGLOT_API_KEY: others see your command line")
    options.add_argument("--json", action="store_true", help="JSON on stdout")
    return parent


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
