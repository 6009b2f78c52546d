"""`make organization`: what is set for an organization of a deployed Kallglot; shows it after changing it.

    make organization ARGS="--id org_acme"
    make organization ARGS="--id org_acme --name Acme --source-language en --max-sessions 50 --rate create=50/5"

`none` takes a setting back. An organization that does not exist is created when something is set for it. Nothing else
is needed than to read and write the deployment's access table.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from core.domain.organizations import Organization
from local.deployed import FAILURES, USUAL_PREFIX, Deployed
from local.organization_settings import SETTINGS


def changed(organization: Organization, options: argparse.Namespace) -> Organization:
    """Raises ValueError, naming the option."""
    for setting in SETTINGS:
        for value in _given(options, setting.option):
            try:
                organization = setting.change(organization, value)
            except ValueError as error:
                raise ValueError(f"--{setting.option}: {error}") from None
    return organization


def shown(organization: Organization) -> str:
    rows = [("id", organization.id), *((setting.option, setting.show(organization)) for setting in SETTINGS)]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        organization = _stored(Deployed(options.prefix), options)
    except (ValueError, *FAILURES) as error:
        print(f"nothing was changed: {error}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(organization), indent=2) if options.json else shown(organization))
    return 0


def _stored(deployed: Deployed, options: argparse.Namespace) -> Organization:
    held = deployed.access.organization(options.id)
    asked = any(_given(options, setting.option) for setting in SETTINGS)
    if held is None and not asked:
        raise ValueError(f"there is no organization {options.id}; set something to create it")
    organization = changed(held or Organization(options.id, options.id), options)
    if asked:
        deployed.access.put_organization(organization)
    return organization


def _given(options: argparse.Namespace, option: str) -> list[str]:
    return getattr(options, option.replace("-", "_")) or []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make organization ARGS=…", description="Set up an organization, or show it")
    parser.add_argument("--prefix", default=USUAL_PREFIX, help="name and stage of the deployment (%(default)s)")
    parser.add_argument("--id", required=True, help="such as org_acme")
    parser.add_argument("--json", action="store_true", help="show it as JSON")
    for setting in SETTINGS:
        parser.add_argument(f"--{setting.option}", action="append", metavar=setting.value, help=setting.meaning)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
