"""`make key`: an API key for a deployed Kallglot, in the AWS account of the environment. It is shown once.

    make key ARGS="--organization org_acme --name Acme --live"

The organization is created when it does not exist. Whoever may do this may read the deployment's pepper secret and
write its access and sessions tables; nothing else is needed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from core.domain.access import Scope
from core.domain.organizations import Organization
from local.deployed import FAILURES, USUAL_PREFIX, Deployed
from local.seed import Seeder


def issue(deployed: Deployed, organization: Organization, scopes: Sequence[Scope], *, livemode: bool) -> str:
    """An existing organization stays as it is."""
    seeder = Seeder(deployed.access, deployed.keys, deployed.pepper())
    if deployed.access.organization(organization.id) is None:
        seeder.organization(organization)
    return seeder.key(organization.id, scopes, livemode=livemode)


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    organization = Organization(id=options.organization, name=options.name or options.organization)
    try:
        print(issue(Deployed(options.prefix), organization, options.scopes, livemode=options.live))
    except FAILURES as error:
        print(f"no key was made: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make key ARGS=…", description="Issue an API key for a deployment")
    parser.add_argument("--prefix", default=USUAL_PREFIX, help="name and stage of the deployment (%(default)s)")
    parser.add_argument("--organization", required=True, help="its id, such as org_acme")
    parser.add_argument("--name", help="what to call it, when it is new")
    parser.add_argument("--live", action="store_true", help="a live key; otherwise a test key, which sees test data")
    parser.add_argument("--scopes", nargs="+", type=Scope, default=list(Scope), metavar="SCOPE", help="all by default")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
