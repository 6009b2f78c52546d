"""kallglot keys create|list|revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kallglot.cli.commands.sessions import add_limit, limited, page_size
from kallglot.cli.context import Context
from kallglot.cli.screen import Column

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands

_COLUMNS = (
    Column("key", lambda k: k.id, "bold"),
    Column("name", lambda k: k.name),
    Column("kind", lambda k: "live" if k.livemode else "test"),
    Column("ends in", lambda k: k.last_four),
    Column("scopes", lambda k: k.scopes),
    Column("created (UTC)", lambda k: k.created_at),
    Column("expires (UTC)", lambda k: k.expires_at),
    Column("revoked (UTC)", lambda k: k.revoked_at, "red"),
)
_CREATED = (Column("secret", lambda k: k.key, "bold green"), *_COLUMNS)


def add_to(commands: Commands) -> None:
    commands.noun("keys", "API keys: create, list, revoke")
    create = commands.add("keys create", _create, "make a key; it is shown once")
    create.add_argument("--name", help="what it is for")
    create.add_argument("--scope", action="append", dest="scopes", metavar="SCOPE", help="may be repeated; else all")
    create.add_argument("--expires-at", metavar="TIME", help="as in 2027-01-01T00:00:00Z")
    add_limit(commands.add("keys list", _list, "list the keys of the organization"))
    commands.add("keys revoke", _revoke, "let nobody in with a key any more").add_argument("key", metavar="KEY_ID")


def _create(context: Context) -> None:
    options = context.options
    with context.client() as client:
        made = client.api_keys.create(scopes=options.scopes, name=options.name, expires_at=options.expires_at)
    context.screen.record(made, _CREATED)
    if not context.screen.as_json:
        context.screen.note("Keep the secret now: it is not shown again.")


def _list(context: Context) -> None:
    with context.client() as client:
        found = client.api_keys.list(limit=page_size(context.options))
        context.screen.table(limited(context.options, found), _COLUMNS, "no keys")


def _revoke(context: Context) -> None:
    with context.client() as client:
        context.screen.record(client.api_keys.revoke(context.options.key), _COLUMNS)
