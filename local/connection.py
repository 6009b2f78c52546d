"""`make connection`: connect an organization to Twilio or Telnyx, and say which numbers are its own.

    TWILIO_ACCOUNT_SID=AC… TWILIO_AUTH_TOKEN=… \\
        make connection ARGS="--organization org_acme --live --carrier twilio --number +14155550100 --source en"
    make connection ARGS="--organization org_acme --live --connection pcon_… --number +34910000000"
    make connection ARGS="--organization org_acme --live --connection pcon_… --rotate --stdin" < credentials.json
    make connection ARGS="--organization org_acme --live --list"

Credentials come from the environment or, with --stdin, as a JSON object; never as an argument, which every process of
the machine could read. Without --live it is the telephony of the test keys, which see nothing of the live one.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TextIO

from pydantic import TypeAdapter, ValidationError

from core.adapters import clients
from core.adapters.credentials import SecretCredentialWriter
from core.adapters.system import RandomIds, SystemClock
from core.domain.access import Tenant
from core.domain.languages import is_known
from core.domain.sessions import Mode, Recording, Role
from core.domain.telephony import ANSWERED_MODES, CREDENTIALS, Carrier, Credentials, Number, Telephony
from core.errors import NotFound
from core.services.connections import ConnectionService
from core.telephony_ports import TelephonyStore
from local.deployed import FAILURES, USUAL_PREFIX, Deployed

VARIABLES: Mapping[Carrier, Mapping[str, str]] = {
    Carrier.TWILIO: {"account_sid": "TWILIO_ACCOUNT_SID", "auth_token": "TWILIO_AUTH_TOKEN"},
    Carrier.TELNYX: {
        "api_key": "TELNYX_API_KEY",
        "public_key": "TELNYX_PUBLIC_KEY",
        "application_id": "TELNYX_APPLICATION_ID",
    },
}


class Unusable(Exception):
    """What was asked for makes no sense as it is; the message says why, without a secret in it."""


def credentials_of(carrier: Carrier, given: Mapping[str, str], stdin: TextIO | None) -> Credentials:
    """From `stdin` when there is one, else from the environment `given`. Raises Unusable."""
    names = VARIABLES[carrier]
    adapter: TypeAdapter[Credentials] = TypeAdapter(CREDENTIALS[carrier])
    try:
        if stdin is not None:
            return adapter.validate_json(stdin.read())
        return adapter.validate_python({field: given[name] for field, name in names.items()})
    except (ValidationError, KeyError):
        where = (
            f"a JSON object with {', '.join(names)}" if stdin else f"in the environment: {', '.join(names.values())}"
        )
        raise Unusable(f"{carrier} takes {where}") from None


def apply(service: ConnectionService, tenant: Tenant, options: argparse.Namespace, stdin: TextIO) -> str:
    """Do what the options say, and return the id of the connection that they are about."""
    connection_id = _connection(service, tenant, options, stdin)
    if options.remove:
        service.disconnect(tenant, connection_id)
        return connection_id
    for number in options.number or ():
        service.add_number(tenant, _number(number, connection_id, options))
    for number in options.remove_number or ():
        service.remove_number(tenant, number)
    if options.default:
        service.prefer(tenant, connection_id)
    return connection_id


def _connection(service: ConnectionService, tenant: Tenant, options: argparse.Namespace, stdin: TextIO) -> str:
    """An existing one, perhaps with new credentials, or a new one."""
    source = stdin if options.stdin else None
    if options.connection is None:
        if options.carrier is None:
            raise Unusable("say --carrier for a new connection, or --connection for one that exists")
        found = credentials_of(options.carrier, os.environ, source)
        name = options.name or options.carrier.value
        return service.connect(tenant, options.carrier, name, found, default=options.default).id
    held = service.connection(tenant, options.connection)
    if options.rotate:
        service.rotate(tenant, held.id, credentials_of(held.carrier, os.environ, source))
    return held.id


def _number(number: str, connection_id: str, options: argparse.Namespace) -> Number:
    made = Number(number, connection_id, options.mode, options.source, options.target, participant=options.participant)
    return made if options.record is None else replace(made, recording=Recording(enabled=options.record))


def told(telephony: Telephony) -> list[str]:
    """Lines for people; no credentials are among what is told, for none are here."""
    lines = []
    for held in telephony.connections.values():
        mark = "  (default)" if held.id == telephony.default_connection else ""
        lines.append(f"{held.id}  {held.carrier.value:<7} {held.name}{mark}")
        lines += [f"  {n.number}  {n.mode.value}" for n in telephony.numbers.values() if n.connection_id == held.id]
    return lines or ["no connections"]


def main(arguments: Sequence[str], stdin: TextIO = sys.stdin) -> int:
    options = _parser().parse_args(arguments)
    tenant = Tenant(options.organization, options.live)
    try:
        store = _telephony(options.prefix, options.organization)
        if options.list:
            print("\n".join(told(store.of(tenant))))
            return 0
        writer = SecretCredentialWriter(clients.secrets_manager())
        service = ConnectionService(store, writer, RandomIds(SystemClock()), options.prefix)
        print(apply(service, tenant, options, stdin))
    except (Unusable, *FAILURES) as error:
        print(f"nothing was connected: {error}", file=sys.stderr)
        return 1
    return 0


def _telephony(prefix: str, organization_id: str) -> TelephonyStore:
    """Raises NotFound for an organization that nobody has made."""
    deployed = Deployed(prefix)
    if deployed.access.organization(organization_id) is None:
        raise NotFound("organization_not_found", f"there is no organization {organization_id}")
    return deployed.telephony


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make connection ARGS=…", description="Telephony of an organization")
    parser.add_argument("--prefix", default=USUAL_PREFIX, help="name and stage of the deployment (%(default)s)")
    parser.add_argument("--organization", required=True, help="its id, such as org_acme")
    parser.add_argument("--live", action="store_true", help="for live keys; otherwise for test keys")
    parser.add_argument("--list", action="store_true", help="show what there is, and change nothing")
    parser.add_argument("--carrier", type=Carrier, choices=list(CREDENTIALS), help="of a new connection")
    parser.add_argument("--name", help="what to call a new connection")
    parser.add_argument("--connection", help="the id of one that exists: pcon_…")
    parser.add_argument("--rotate", action="store_true", help="give it new credentials")
    parser.add_argument("--remove", action="store_true", help="take it away, with its numbers and its secret")
    parser.add_argument("--stdin", action="store_true", help="read credentials as a JSON object")
    parser.add_argument("--default", action="store_true", help="make it the one for calls that name none")
    parser.add_argument("--number", nargs="+", type=_e164, help="numbers behind it, as +14155550100")
    parser.add_argument("--remove-number", nargs="+", type=_e164, help="numbers that are not ours any more")
    _add_number_settings(parser.add_argument_group("what a call to these numbers becomes"))
    return parser


def _add_number_settings(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--mode", type=Mode, choices=list(ANSWERED_MODES), default=Mode.BIDIRECTIONAL_TRANSLATION)
    group.add_argument("--source", type=_language, help="what the caller speaks; the organization's default without it")
    group.add_argument("--target", type=_language, help="what the other party speaks; likewise")
    group.add_argument("--record", action=argparse.BooleanOptionalAction, help="record these calls, or never")
    group.add_argument("--participant", type=Role, choices=list(Role), default=Role.CUSTOMER, help="who calls there")


def _e164(text: str) -> str:
    if not (text.startswith("+") and text[1:].isascii() and text[1:].isdigit() and 3 <= len(text) <= 16):
        raise argparse.ArgumentTypeError("a number is written as +14155550100")
    return text


def _language(text: str) -> str:
    if not is_known(text):
        raise argparse.ArgumentTypeError(f"no language has the code {text}")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
