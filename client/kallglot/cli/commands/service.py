"""kallglot languages|usage|openapi: what the deployment says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kallglot.cli.context import Context
from kallglot.cli.screen import Column, seconds

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands

_LANGUAGE = (
    Column("code", lambda one: one.code, "bold"),
    Column("name", lambda one: one.name),
    Column("hears", lambda one: one.speech_in),
    Column("translates", lambda one: one.text),
    Column("speaks", lambda one: one.speech_out),
)
_DAY = (
    Column("day (UTC)", lambda day: day.get("date", "in all"), "bold"),
    Column("active", lambda day: seconds(day.active_seconds), right=True),
    Column("translating", lambda day: seconds(day.translation_seconds), right=True),
    Column("agent at work", lambda day: seconds(day.ai_agent_seconds), right=True),
)


def add_to(commands: Commands) -> None:
    languages = commands.add("languages", _languages, "what the running engines hear, translate and speak")
    languages.add_argument("--all", action="store_true", help="also those that they cannot translate")
    usage = commands.add("usage", _usage, "what was used, day by day")
    usage.add_argument("--from", dest="from_", metavar="DAY", help="as in 2026-03-01; else thirty days up to --to")
    usage.add_argument("--to", metavar="DAY", help="as in 2026-03-31; else today")
    usage.add_argument("--all", action="store_true", help="also the days on which nothing was used")
    commands.add("openapi", _openapi, "the API's own description, as JSON")


def _languages(context: Context) -> None:
    with context.client() as client:
        found = list(client.languages())
    able = [each for each in found if each.text]
    shown = found if context.options.all or context.screen.as_json else able
    context.screen.table(shown, _LANGUAGE, "the running engines know no language")


def _usage(context: Context) -> None:
    with context.client() as client:
        report = client.usage(from_=context.options.from_, to=context.options.to)
    if context.screen.as_json:
        context.screen.json(report.raw)
        return
    days = [day for day in report.data if context.options.all or any(_meters(day))]
    context.screen.table([*days, report.total], _DAY, "")


def _meters(day: object) -> tuple[float, ...]:
    return tuple(getattr(day, name) for name in ("active_seconds", "translation_seconds", "ai_agent_seconds"))


def _openapi(context: Context) -> None:
    with context.client() as client:
        context.screen.json(client.openapi())
