"""kallglot agents create|list|get|update|delete|versions|answer."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kallglot.cli.commands.sessions import add_limit, limited, page_size
from kallglot.cli.context import Context
from kallglot.cli.problems import UsageProblem
from kallglot.cli.screen import Column

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands

_FIELDS = ("name", "system_prompt", "greeting", "voice", "model", "language", "knowledge_base_id")
_IN_A_LIST = (
    Column("agent", lambda a: a.id, "bold"),
    Column("version", lambda a: a.version, right=True),
    Column("name", lambda a: a.name),
    Column("tools", lambda a: tuple(tool["name"] for tool in a.tools)),
    Column("updated (UTC)", lambda a: a.updated_at, "dim"),
)
_ALONE = (
    *_IN_A_LIST[:3],
    Column("prompt", lambda a: a.system_prompt),
    Column("greeting", lambda a: a.greeting),
    Column("voice", lambda a: a.voice),
    Column("model", lambda a: a.model),
    Column("language", lambda a: a.language),
    Column("knowledge base", lambda a: a.knowledge_base_id),
    *_IN_A_LIST[3:],
    Column("created (UTC)", lambda a: a.created_at),
)
_CALL = (
    Column("call", lambda c: c.id, "bold"),
    Column("tool", lambda c: c.name),
    Column("status", lambda c: c.status),
    Column("result", lambda c: json.dumps(c.result, ensure_ascii=False) if "result" in c else None),
    Column("error", lambda c: c.error),
)


def add_to(commands: Commands) -> None:
    commands.noun("agents", "machines that hold a call: describe, change, look at")
    create = commands.add("agents create", _create, "keep a description, which sessions can name")
    update = commands.add("agents update", _update, "make the next version")
    update.add_argument("agent", metavar="AGENT")
    for command in (create, update):
        _add_fields(command)
    add_limit(commands.add("agents list", _list, "list the agents, newest first"))
    get = commands.add("agents get", _get, "show an agent")
    get.add_argument("agent", metavar="AGENT")
    get.add_argument("--version", type=int, metavar="N", dest="number", help="as it was then")
    for words, run, help in (
        ("agents versions", _versions, "the last versions of an agent, the latest first"),
        ("agents delete", _delete, "delete an agent with its versions; calls go on"),
    ):
        commands.add(words, run, help).add_argument("agent", metavar="AGENT")
    answer = commands.add("agents answer", _answer, "answer what an agent wanted done")
    answer.add_argument("session", metavar="SESSION")
    answer.add_argument("call", metavar="CALL")
    either = answer.add_mutually_exclusive_group(required=True)
    either.add_argument("--result", metavar="JSON")
    either.add_argument("--error", metavar="TEXT", help="what went wrong; the model is told")


def _add_fields(command: argparse.ArgumentParser) -> None:
    command.add_argument("--name", help="for you; callers never hear it")
    command.add_argument("--prompt", dest="system_prompt", metavar="TEXT", help="what it is told to be")
    command.add_argument("--greeting", metavar="TEXT", help="what it says first")
    command.add_argument("--voice")
    command.add_argument("--model")
    command.add_argument("--language", help="what it thinks in, as in en")
    command.add_argument("--knowledge-base", dest="knowledge_base_id", metavar="ID")
    command.add_argument("--file", metavar="FILE", help="a JSON object with any of the fields; - is stdin")


def _create(context: Context) -> None:
    fields = _given(context.options)
    if not fields.get("name") or not fields.get("system_prompt"):
        raise UsageProblem("an agent needs a name and a prompt: give --name and --prompt, or a --file that has them")
    with context.client() as client:
        made = client.agents.create(name=fields.pop("name"), extra_body=fields)
    context.screen.record(made, _ALONE)


def _update(context: Context) -> None:
    fields = _given(context.options)
    if not fields:
        raise UsageProblem("nothing to change: give --name, --prompt, … or a --file")
    with context.client() as client:
        context.screen.record(client.agents.update(context.options.agent, extra_body=fields), _ALONE)


def _list(context: Context) -> None:
    with context.client() as client:
        found = client.agents.list(limit=page_size(context.options))
        context.screen.table(limited(context.options, found), _IN_A_LIST, "no agents")


def _get(context: Context) -> None:
    with context.client() as client:
        context.screen.record(client.agents.get(context.options.agent, context.options.number), _ALONE)


def _versions(context: Context) -> None:
    with context.client() as client:
        found = client.agents.versions(context.options.agent, limit=100)
        context.screen.table(found.data, _IN_A_LIST, "no versions")


def _delete(context: Context) -> None:
    with context.client() as client:
        gone = client.agents.delete(context.options.agent)
    context.screen.record(gone, (Column("deleted", lambda d: d.id),))


def _answer(context: Context) -> None:
    options = context.options
    result = None if options.result is None else _json(options.result, "--result")
    with context.client() as client:
        answered = client.sessions.tool_result(options.session, options.call, result, error=options.error)
    context.screen.record(answered, _CALL)


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """What the file says, and over it what the command line says."""
    said = {name: getattr(options, name) for name in _FIELDS if getattr(options, name) is not None}
    return {**(_of_file(options.file) if options.file else {}), **said}


def _of_file(name: str) -> dict[str, Any]:
    fields = _json(sys.stdin.read() if name == "-" else Path(name).read_text("utf-8"), name)
    if not isinstance(fields, dict):
        raise UsageProblem(f"{name} is to hold a JSON object")
    return fields


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageProblem(f"{where} is not JSON: {error}") from None
