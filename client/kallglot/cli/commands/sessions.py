"""kallglot sessions create|get|list|end|dial."""

from __future__ import annotations

import argparse
import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from kallglot.cli.context import Context
from kallglot.cli.problems import UsageProblem
from kallglot.cli.screen import Column, seconds

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands

MODES = ("bidirectional_translation", "assistive_translation", "ai_agent", "help_chat_voice")
_REASONS = ("completed", "customer_hangup", "agent_hangup", "error", "timeout")
_IN_A_LIST = (
    Column("session", lambda s: s.id),
    Column("status", lambda s: s.status),
    Column("languages", lambda s: f"{s.source_language or '?'} → {s.target_language or '?'}"),
    Column("length", lambda s: seconds(s.duration), right=True),
    Column("words", lambda s: s.transcript.word_count, right=True),
    Column("created (UTC)", lambda s: s.created_at, "dim"),
)
_ALONE = (
    Column("session", lambda s: s.id, "bold"),
    Column("status", lambda s: f"{s.status}, {s.end_reason}" if s.end_reason else s.status),
    Column("mode", lambda s: s.mode),
    Column("agent", lambda s: s.ai_agent and s.ai_agent.get("id")),
    Column("languages", lambda s: f"{s.source_language or '?'} → {s.target_language or '?'}"),
    Column("created (UTC)", lambda s: s.created_at),
    Column("started (UTC)", lambda s: s.started_at),
    Column("ended (UTC)", lambda s: s.ended_at),
    Column("length", lambda s: seconds(s.duration)),
    Column("words", lambda s: s.transcript.word_count or None),
    Column("telephone", lambda s: s.provider and f"{s.provider.type}, {s.provider.status}"),
    Column("recording", lambda s: s.recording.id or ("on" if s.recording.enabled else "off")),
    Column("metadata", lambda s: ", ".join(f"{key}={value}" for key, value in s.metadata.items())),
    Column("stream", lambda s: s.stream and s.stream.url),
    Column("token", lambda s: s.stream and s.stream.token),
    Column("token until (UTC)", lambda s: s.stream and s.stream.expires_at),
)
_LEG = (
    Column("leg", lambda leg: leg.id, "bold"),
    Column("status", lambda leg: leg.status),
    Column("to", lambda leg: leg.to),
    Column("from", lambda leg: leg.get("from")),
    Column("as", lambda leg: leg.participant),
    Column("by", lambda leg: leg.provider and leg.provider.type),
)


def add_to(commands: Commands) -> None:
    commands.noun("sessions", "calls: create, look at, dial, end")
    create = commands.add("sessions create", _create, "create a session; its stream's address and token are shown")
    add_session_options(create)
    create.add_argument("--idempotency-key", metavar="KEY", help="make it once, however often this is run with KEY")
    commands.add("sessions get", _get, "show one session").add_argument("session")
    listed = commands.add("sessions list", _list, "list sessions, newest first")
    listed.add_argument("--status", help="created, connecting, active, ending or ended")
    listed.add_argument("--created-after", metavar="TIME", help="as in 2026-03-26T11:00:00Z")
    add_limit(listed)
    end = commands.add("sessions end", _end, "hang up")
    end.add_argument("session")
    end.add_argument("--reason", choices=_REASONS)
    dial = commands.add("sessions dial", _dial, "call a telephone into a session")
    dial.add_argument("session")
    dial.add_argument("--to", required=True, metavar="NUMBER", help="E.164, as in +14155550100")
    dial.add_argument("--from", dest="from_", metavar="NUMBER", help="the number that is shown to them")
    dial.add_argument("--participant", metavar="WHO", help="customer (else), agent, or a participant's id")
    dial.add_argument("--idempotency-key", metavar="KEY", help="dial once, however often this is run with KEY")


def add_session_options(command: argparse._ActionsContainer) -> None:
    """What a new session is made of, for every command that makes one."""
    command.add_argument("--mode", choices=MODES, metavar="MODE", help=", ".join(MODES))
    command.add_argument("--source", metavar="LANGUAGE", help="what the customer speaks, as in en")
    command.add_argument("--target", metavar="LANGUAGE", help="what the agent speaks, as in es")
    command.add_argument("--agent", metavar="AGENT", help="the id of the agent that is on the call (mode ai_agent)")
    command.add_argument("--record", action="store_true", help="record the call")
    command.add_argument("--webhook-url", metavar="URL", help="where this session's events go")
    command.add_argument("--metadata", action="append", default=[], metavar="KEY=VALUE", help="may be repeated")
    command.add_argument("--extra", metavar="JSON", help="further fields of the request, as in '{\"routing\": …}'")


def add_limit(command: argparse.ArgumentParser) -> None:
    command.add_argument("--limit", type=_positive, default=20, metavar="N", help="how many at most (20)")
    command.add_argument("--all", action="store_true", help="every one there is")


def limited(options: argparse.Namespace, pages: Any) -> Any:
    return pages if options.all else islice(pages, options.limit)


def page_size(options: argparse.Namespace) -> int:
    """No larger than is shown, no smaller than need be."""
    return 100 if options.all else min(100, int(options.limit))


def session_fields(options: argparse.Namespace) -> dict[str, Any]:
    """For `client.sessions.create`."""
    metadata = dict(_pair(text) for text in options.metadata)
    return {
        "mode": options.mode or MODES[2 if options.agent else 0],
        "source_language": options.source,
        "target_language": options.target,
        "ai_agent": {"id": options.agent} if options.agent else None,
        "recording": {"enabled": True} if options.record else None,
        "webhook_url": options.webhook_url,
        "metadata": metadata or None,
        "extra_body": _extra(options.extra),
    }


def _create(context: Context) -> None:
    key = context.options.idempotency_key
    with context.client() as client:
        created = client.sessions.create(**session_fields(context.options), idempotency_key=key)
    context.screen.record(created, _ALONE)


def _get(context: Context) -> None:
    with context.client() as client:
        context.screen.record(client.sessions.get(context.options.session), _ALONE)


def _list(context: Context) -> None:
    options = context.options
    with context.client() as client:
        found = client.sessions.list(
            status=options.status, created_after=options.created_after, limit=page_size(options)
        )
        context.screen.table(limited(options, found), _IN_A_LIST, "no sessions")


def _end(context: Context) -> None:
    with context.client() as client:
        ended = client.sessions.end(context.options.session, reason=context.options.reason)
    context.screen.record(ended, _ALONE)


def _dial(context: Context) -> None:
    options = context.options
    with context.client() as client:
        dialled = client.sessions.dial(
            options.session,
            to=options.to,
            from_=options.from_,
            participant=options.participant,
            idempotency_key=options.idempotency_key,
        )
    context.screen.record(dialled, _LEG)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _pair(text: str) -> tuple[str, str]:
    key, mark, value = text.partition("=")
    if not mark or not key:
        raise UsageProblem(f"--metadata takes KEY=VALUE, not {text!r}")
    return key, value


def _extra(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise UsageProblem(f"--extra is not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise UsageProblem("--extra takes a JSON object")
    return fields
