from __future__ import annotations

from core.domain.telephony import Carrier
from local.telephones import NUMBERS, TENANT, connection, seed
from tests.fakes.telephony import MemoryTelephony


def test_the_local_organization_has_a_number_at_each_carrier_once() -> None:
    store = MemoryTelephony()
    seed(store)
    seed(store)
    telephony = store.of(TENANT)
    assert telephony.version == 1
    for carrier in NUMBERS:
        assert telephony.connection_of(NUMBERS[carrier]) == connection(carrier)
    assert telephony.default_connection == "pcon_localtwilio"
    assert store.owner_of(NUMBERS[Carrier.TELNYX]) == TENANT
