"""The telephony of a local stack's organization: a connection to each carrier, and a number on each.

There are no credentials: until somebody gives them (`make connection ARGS="--prefix kallglot-local --rotate …"`),
nobody is dialed and no carrier's request is believed.
"""

from __future__ import annotations

from core.domain.access import Tenant
from core.domain.telephony import Carrier, Connection, Number, connected, numbered, secret_name
from core.telephony_ports import TelephonyStore
from local.seed import ORGANIZATION

PREFIX = "kallglot-local"
TENANT = Tenant(ORGANIZATION.id, livemode=False)
NUMBERS = {Carrier.TWILIO: "+14155550100", Carrier.TELNYX: "+34910000000"}


def connection_id(carrier: Carrier) -> str:
    return f"pcon_local{carrier.value}"


def connection(carrier: Carrier) -> Connection:
    own = connection_id(carrier)
    return Connection(own, carrier, f"Local {carrier.value}", secret_name(PREFIX, TENANT, own))


def seed(store: TelephonyStore) -> None:
    """Repeatable; what somebody has added since stays."""
    telephony = store.of(TENANT)
    if telephony.connections:
        return
    for carrier, number in NUMBERS.items():
        telephony = connected(telephony, connection(carrier), default=False)
        telephony = numbered(
            telephony, Number(number, connection_id(carrier), source_language="en", target_language="es")
        )
    store.put(TENANT, telephony)
