"""`kallglot secrets`: rotate what API keys are hashed with, and what stream tokens are made with, in a deployment.

    kallglot secrets show pepper
    kallglot secrets rotate stream-tokens
    kallglot secrets drop pepper --version 1

Nothing is void because of a rotation: keys and tokens of older versions are taken until those are dropped, which is
refused while they are needed, unless with --force. No value is ever shown. Whoever may do this may read and write the
secret, and scan the access table.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from typing import Any

from core.adapters.system import SystemClock
from core.domain.rotation import Versions
from core.services.rotating import NotNow, Rotation
from local.deployed import FAILURES, USUAL_PREFIX, Deployed

PEPPER, TOKENS = "pepper", "stream-tokens"
_BYTES = 32


def rotation(deployed: Deployed, which: str) -> Rotation:
    if which == PEPPER:
        return Rotation(deployed.secret("ApiKeyPepperSecretArn"), SystemClock(), _drawn, deployed.access.every_key)
    return Rotation(deployed.secret("StreamTokenSecretArn"), SystemClock(), _drawn)


def carried_out(made: Rotation, options: argparse.Namespace) -> Versions:
    match options.act:
        case "rotate":
            return made.rotate(at_once=options.at_once)
        case "drop":
            return made.drop(options.version, force=options.force)
        case _:
            return made.secret.read()


def told(made: Rotation, held: Versions, which: str) -> list[dict[str, Any]]:
    """A row for each version, the newest first, without its value."""
    in_use, living = held.in_use(made.clock.now()), made.living() if which == PEPPER else {}
    rows = []
    for version in held.all:
        row: dict[str, Any] = {"version": version.number, "in_use": version is in_use}
        row["used_from"] = version.used_from.isoformat() if version.used_from else None
        rows.append(row | ({"api_keys": living.get(version.number, 0)} if which == PEPPER else {}))
    return rows


def line_of(row: dict[str, Any]) -> str:
    since = row["used_from"] or "the beginning"
    keys = f", {row['api_keys']} API keys" if "api_keys" in row else ""
    return f"version {row['version']}: used from {since}{', in use' if row['in_use'] else ''}{keys}"


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        made = rotation(Deployed(options.prefix), options.which)
        rows = told(made, carried_out(made, options), options.which)
    except (NotNow, LookupError, ValueError, *FAILURES) as error:
        print(f"nothing was changed: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"object": "list", "data": rows}, indent=2) if options.json else "\n".join(map(line_of, rows)))
    return 0


def _drawn() -> bytes:
    return secrets.token_hex(_BYTES).encode()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kallglot secrets", description="Secrets of a deployment, and their versions")
    parser.add_argument("--json", action="store_true", help="tell it as JSON")
    acts = parser.add_subparsers(dest="act", required=True, metavar="show|rotate|drop")
    show = acts.add_parser("show", help="which versions there are")
    rotate = acts.add_parser("rotate", help="make a new version, used in a quarter of an hour")
    rotate.add_argument("--at-once", action="store_true", help="used now, and not known everywhere for five minutes")
    drop = acts.add_parser("drop", help="take nothing more that was made with a version")
    drop.add_argument("--version", type=int, required=True, metavar="N", help="as `show` has it")
    drop.add_argument("--force", action="store_true", help="even if keys that are in use become void")
    for act in (show, rotate, drop):
        act.add_argument("which", choices=(PEPPER, TOKENS))
        act.add_argument("--prefix", default=USUAL_PREFIX, help="name and stage of the deployment (%(default)s)")
        act.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="tell it as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
