"""`kallglot keys create|list|revoke --organization …`: API keys of any organization of a deployment, in its tables.

    kallglot keys create --organization org_acme --live --name backend --scope sessions:write --scope sessions:read
    kallglot keys list --organization org_acme
    kallglot keys revoke key_… --organization org_acme --live

Without --organization the same words go to the API, with the API key at hand. Without --live they are test keys. A new
key's text is shown once. Whoever may do this may read the pepper and write the access and sessions tables.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from core.domain.access import Principal, Scope, Tenant
from core.domain.paging import LARGEST_LIMIT, Page
from core.errors import NotFound
from core.services.api_keys import ApiKeyService, NewKey
from local.deployed import FAILURES, USUAL_PREFIX, Deployed

# Only for what an operator grants and revokes: it is no key, and nobody comes in by it.
_OPERATOR = "operator"


def carried_out(service: ApiKeyService, tenant: Tenant, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The keys that the options are about, as the API shows them."""
    operator = Principal(tenant, _OPERATOR, frozenset(Scope))
    match options.act:
        case "create":
            scopes = frozenset(options.scopes) if options.scopes else None
            return [dict(service.create(operator, NewKey(options.name, scopes, options.expires_at)).body)]
        case "revoke":
            return [service.revoke(operator, options.key)]
        case _:
            return list(_listed(service, tenant))


def _listed(service: ApiKeyService, tenant: Tenant) -> Iterator[dict[str, Any]]:
    page = Page(LARGEST_LIMIT)
    while True:
        found = service.page(tenant, page)
        yield from found.items
        if not found.has_more:
            return
        page = Page(LARGEST_LIMIT, starting_after=found.items[-1]["id"])


def line_of(key: dict[str, Any]) -> str:
    state = f"revoked {key['revoked_at']}" if key["revoked_at"] else f"until {key['expires_at'] or 'revoked'}"
    text = key.get("key") or f"…{key['last_four']}"
    return f"{key['id']}  {text}  {key['name'] or '-'}  {' '.join(key['scopes'])}  since {key['created_at']}, {state}"


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        deployed = Deployed(options.prefix)
        if deployed.access.organization(options.organization) is None:
            raise NotFound("organization_not_found", f"there is no organization {options.organization}")
        keys = carried_out(deployed.key_service(), Tenant(options.organization, options.live), options)
    except FAILURES as error:
        print(f"nothing was changed: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"object": "list", "data": keys} if options.act == "list" else keys[0], indent=2))
    else:
        print("\n".join(map(line_of, keys)) or "no keys")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kallglot keys", description="API keys in the tables of a deployment")
    parser.add_argument("--json", action="store_true", help="tell it as JSON")
    acts = parser.add_subparsers(dest="act", required=True, metavar="create|list|revoke")
    create = acts.add_parser("create", help="make a key; it is shown once")
    create.add_argument("--name", help="what it is for")
    create.add_argument("--scope", action="append", dest="scopes", type=Scope, metavar="SCOPE", help="else all")
    create.add_argument("--expires-at", type=_time, metavar="TIME", help="as in 2027-01-01T00:00:00Z")
    revoke = acts.add_parser("revoke", help="let nobody in with a key any more")
    revoke.add_argument("key", metavar="KEY_ID")
    for act in (create, acts.add_parser("list", help="newest first, revoked ones too"), revoke):
        act.add_argument("--organization", required=True, help="its id, such as org_acme")
        act.add_argument("--live", action="store_true", help="live keys; otherwise test keys, which see test data")
        act.add_argument("--prefix", default=USUAL_PREFIX, help="name and stage of the deployment (%(default)s)")
        act.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="tell it as JSON")
    return parser


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a time is written as 2027-01-01T00:00:00Z") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
