from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from core.domain.access import Tenant
from core.domain.telephony import Carrier, Number, Telephony, TelnyxCredentials, TwilioCredentials
from core.errors import Conflict, NotFound, WriteConflict
from core.services.connections import ConnectionService
from tests.builders import ACME, ACME_TEST, OTHER
from tests.fakes.clocks import SequenceIds
from tests.fakes.telephony import MemoryCredentials, MemoryTelephony

TWILIO = TwilioCredentials("AC1", "token")
NUMBER = "+14155550100"


@dataclass
class World:
    store: MemoryTelephony = field(default_factory=MemoryTelephony)
    secrets: MemoryCredentials = field(default_factory=MemoryCredentials)

    def __post_init__(self) -> None:
        self.service = ConnectionService(self.store, self.secrets, SequenceIds(), "kallglot-dev")


@pytest.fixture
def world() -> World:
    return World()


def test_credentials_are_in_the_secret_and_only_its_name_in_the_table(world: World) -> None:
    made = world.service.connect(ACME, Carrier.TWILIO, "Main", TWILIO)
    assert world.secrets.held == {made.secret: TWILIO}
    assert world.store.of(ACME).connections == {made.id: made}
    assert "token" not in repr(world.store.of(ACME))


def test_live_and_test_have_connections_of_their_own(world: World) -> None:
    made = world.service.connect(ACME, Carrier.TWILIO, "Main", TWILIO)
    with pytest.raises(NotFound):
        world.service.connection(ACME_TEST, made.id)
    assert world.store.of(ACME_TEST) == Telephony()


def test_a_number_belongs_to_one_tenant(world: World) -> None:
    ours = world.service.connect(ACME, Carrier.TWILIO, "Main", TWILIO)
    theirs = world.service.connect(OTHER, Carrier.TWILIO, "Main", TWILIO)
    world.service.add_number(ACME, Number(NUMBER, ours.id))
    with pytest.raises(Conflict) as refused:
        world.service.add_number(OTHER, Number(NUMBER, theirs.id))
    assert refused.value.code == "number_taken"
    assert NUMBER not in refused.value.message

    world.service.remove_number(ACME, NUMBER)
    world.service.add_number(OTHER, Number(NUMBER, theirs.id))
    assert world.store.owner_of(NUMBER) == OTHER


def test_new_credentials_replace_the_old_ones_and_must_be_the_carriers_own(world: World) -> None:
    made = world.service.connect(ACME, Carrier.TWILIO, "Main", TWILIO)
    world.service.rotate(ACME, made.id, TwilioCredentials("AC1", "another"))
    assert world.secrets.of(made) == TwilioCredentials("AC1", "another")
    with pytest.raises(ValueError, match="no credentials of twilio"):
        world.service.rotate(ACME, made.id, TelnyxCredentials("key", "public", "1"))


def test_a_connection_goes_with_its_secret(world: World) -> None:
    made = world.service.connect(ACME, Carrier.TWILIO, "Main", TWILIO)
    world.service.disconnect(ACME, made.id)
    assert (world.secrets.held, world.store.of(ACME).connections) == ({}, {})


def test_who_meets_another_operator_decides_again_and_gives_up_at_last(world: World) -> None:
    class Busy(MemoryTelephony):
        refusals = 2

        def put(self, tenant: Tenant, telephony: Telephony) -> None:
            if self.refusals:
                self.refusals -= 1
                raise WriteConflict("telephony")
            super().put(tenant, telephony)

    store = Busy()
    service = ConnectionService(store, world.secrets, SequenceIds(), "kallglot-dev")
    service.connect(ACME, Carrier.TWILIO, "Main", TWILIO)
    assert len(store.of(ACME).connections) == 1
    store.refusals = 99
    with pytest.raises(Conflict) as refused:
        service.connect(ACME, Carrier.TWILIO, "Main", TWILIO)
    assert refused.value.code == "telephony_busy"
