"""kallglot webhooks create|list|get|update|delete|test|deliveries|retry|rotate|replay|secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kallglot.cli.commands import listen
from kallglot.cli.commands.sessions import add_limit, limited, page_size
from kallglot.cli.context import Context
from kallglot.cli.problems import UsageProblem
from kallglot.cli.screen import Column

if TYPE_CHECKING:
    from kallglot import Kallglot, WebhookReplay
    from kallglot.cli.arguments import Commands


def _last(delivery: Any) -> str:
    """How the newest attempt ended: its outcome, and the status that was answered."""
    if not delivery.attempts:
        return ""
    last = delivery.attempts[-1]
    return " ".join(str(last[name]) for name in ("outcome", "status") if last.get(name) is not None)


_ENDPOINT = (
    Column("endpoint", lambda e: e.id, "bold"),
    Column("url", lambda e: e.url),
    Column("events", lambda e: e.events),
    Column("state", lambda e: " ".join(filter(None, (e.status, e.disabled_reason)))),
    Column("description", lambda e: e.description),
    Column("created (UTC)", lambda e: e.created_at),
)
_WITH_SECRET = (
    Column("secret", lambda e: e.secret, "bold green"),
    *_ENDPOINT,
    Column("old secret until (UTC)", lambda e: e.previous_secret_until),
)
_SESSIONS_SECRET = (
    Column("secret", lambda s: s.secret, "bold green"),
    Column("generation", lambda s: s.secret_generation),
    Column("rotated (UTC)", lambda s: s.rotated_at),
    Column("old secret until (UTC)", lambda s: s.previous_secret_until),
)
_REPLAY = (
    Column("endpoint", lambda r: r.endpoint_id, "bold"),
    Column("events in that time", lambda r: r.event_count),
    Column("types", lambda r: r.types),
    Column("only failed", lambda r: r.only_failed),
)
_DELIVERY = (
    Column("delivery", lambda d: d.id, "bold"),
    Column("status", lambda d: d.status),
    Column("event", lambda d: d.event_type),
    Column("attempts", lambda d: d.attempt_count, right=True),
    Column("last answer", _last),
    Column("next (UTC)", lambda d: d.next_attempt_at),
    Column("event id", lambda d: d.event_id),
    Column("created (UTC)", lambda d: d.created_at),
)
_EVENT = (
    Column("event", lambda e: e.id, "bold"),
    Column("type", lambda e: e.type),
    Column("session", lambda e: e.session_id),
    Column("created (UTC)", lambda e: e.created_at),
)


def add_to(commands: Commands) -> None:
    commands.noun("webhooks", "where events go: endpoints, deliveries, a receiver on this machine")
    create = commands.add("webhooks create", _create, "register an endpoint; its secret is shown once")
    create.add_argument("--url", required=True, help="https, and reachable by the deployment")
    create.add_argument("--event", action="append", dest="events", metavar="TYPE", help="may be repeated; else all")
    create.add_argument("--description")
    add_limit(commands.add("webhooks list", _list, "list the endpoints"))
    update = commands.add("webhooks update", _update, "change an endpoint")
    update.add_argument("--url")
    update.add_argument("--event", action="append", dest="events", metavar="TYPE")
    update.add_argument("--description")
    switch = update.add_mutually_exclusive_group()
    switch.add_argument("--enable", action="store_true", help="deliver to it (again)")
    switch.add_argument("--disable", action="store_true")
    rotate = commands.add("webhooks rotate", _rotate, "a new secret; for a while both sign")
    rotate.add_argument("endpoint", metavar="ENDPOINT", nargs="?", help="left out: the secret of sessions' own URLs")
    rotate.add_argument("--overlap", type=int, metavar="SECONDS", dest="overlap_seconds", help="how long (a day)")
    deliveries = commands.add("webhooks deliveries", _deliveries, "what became of each delivery, newest first")
    add_limit(deliveries)
    alone = (
        commands.add("webhooks get", _get, "show an endpoint"),
        commands.add("webhooks delete", _delete, "send nothing there any more"),
        commands.add("webhooks test", _test, "send a webhook.test event there"),
    )
    for command in (update, deliveries, *alone):
        command.add_argument("endpoint", metavar="ENDPOINT")
    commands.add("webhooks retry", _retry, "deliver once more, now").add_argument("delivery", metavar="DELIVERY")
    commands.add("webhooks secret", _secret, "what is known of the secret of sessions' own URLs")
    replay = commands.add("webhooks replay", _replay, "deliver an event again to all, or a stretch of time to one")
    replay.add_argument("what", metavar="EVENT|ENDPOINT")
    replay.add_argument(
        "--since", type=datetime.fromisoformat, metavar="TIME", help="for an endpoint, as 2026-03-26T11:00"
    )
    replay.add_argument("--until", type=datetime.fromisoformat, metavar="TIME", help="left out: until now")
    replay.add_argument("--only-failed", action="store_true", help="leave out what was taken")
    replay.add_argument("--event", action="append", dest="events", metavar="TYPE", help="may be repeated")
    listen.add_to(commands)


def _create(context: Context) -> None:
    options = context.options
    with context.client() as client:
        made = client.webhook_endpoints.create(
            url=options.url, events=options.events or ["*"], description=options.description
        )
    _with_secret(context, made)


def _get(context: Context) -> None:
    with context.client() as client:
        context.screen.record(client.webhook_endpoints.get(context.options.endpoint), _ENDPOINT)


def _list(context: Context) -> None:
    with context.client() as client:
        found = client.webhook_endpoints.list(limit=page_size(context.options))
        context.screen.table(limited(context.options, found), _ENDPOINT, "no endpoints")


def _update(context: Context) -> None:
    options = context.options
    status = "enabled" if options.enable else "disabled" if options.disable else None
    changes = {"url": options.url, "events": options.events, "description": options.description, "status": status}
    if all(value is None for value in changes.values()):
        raise UsageProblem("nothing to change: give --url, --event, --description, --enable or --disable")
    with context.client() as client:
        context.screen.record(client.webhook_endpoints.update(options.endpoint, **changes), _ENDPOINT)


def _delete(context: Context) -> None:
    with context.client() as client:
        gone = client.webhook_endpoints.delete(context.options.endpoint)
    context.screen.record(gone, (Column("deleted", lambda d: d.id),))


def _test(context: Context) -> None:
    with context.client() as client:
        context.screen.record(client.webhook_endpoints.test(context.options.endpoint), _EVENT)


def _rotate(context: Context) -> None:
    endpoint, overlap_seconds = context.options.endpoint, context.options.overlap_seconds
    with context.client() as client:
        if endpoint is None:
            of_sessions = client.webhook_secret.rotate(overlap_seconds=overlap_seconds)
            _with_secret(context, of_sessions, _SESSIONS_SECRET)
        else:
            _with_secret(context, client.webhook_endpoints.rotate_secret(endpoint, overlap_seconds=overlap_seconds))


def _secret(context: Context) -> None:
    with context.client() as client:
        context.screen.record(client.webhook_secret.get(), _SESSIONS_SECRET[1:])


def _deliveries(context: Context) -> None:
    options = context.options
    with context.client() as client:
        found = client.webhook_endpoints.deliveries(options.endpoint, limit=page_size(options))
        context.screen.table(limited(options, found), _DELIVERY, "nothing was delivered there yet")


def _retry(context: Context) -> None:
    with context.client() as client:
        context.screen.record(client.webhook_deliveries.retry(context.options.delivery), _DELIVERY)


def _replay(context: Context) -> None:
    options = context.options
    narrowed = options.until or options.only_failed or options.events
    if options.since is None and narrowed:
        raise UsageProblem("--until, --only-failed and --event go with an endpoint and --since")
    with context.client() as client:
        if options.since is None:
            begun = client.events.replay(options.what)
            context.screen.table(begun.data, _DELIVERY, "no endpoint asks for this event now")
        else:
            context.screen.record(_stretch(client, options), _REPLAY)


def _stretch(client: Kallglot, options: Any) -> WebhookReplay:
    return client.webhook_endpoints.replay(
        options.what,
        since=options.since,
        until=options.until,
        types=options.events,
        only_failed=options.only_failed or None,
    )


def _with_secret(context: Context, made: Any, columns: Sequence[Column] = _WITH_SECRET) -> None:
    context.screen.record(made, columns)
    if not context.screen.as_json:
        context.screen.note("Keep the secret now: it is not shown again.")
