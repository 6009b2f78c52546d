"""A session's terms on their way: into recognition, translation, and what is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.sessions import Role
from core.domain.terminology import Terminology
from core.errors import Unavailable
from media_worker.pipeline.calls import Calls
from tests.fakes.engines import FakeEngines
from tests.fakes.talk import Client, Running
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import TENANT, Plant, plant

ACME = Terminology(({"es": "cuenta corriente", "en": "current account"},))


class Careless(FakeEngines):
    """Loses every name, and marks too."""

    async def translate(self, text: str, source: str, target: str) -> str:
        return "an account"


def of_acme(engines: FakeEngines) -> Plant:
    made = plant(engines)
    organizations = {TENANT.organization_id: ACME}
    made.equipment = replace(made.equipment, terminology=lambda of: organizations.get(of, Terminology()))
    return made


@virtual_time
async def test_names_of_the_session_and_terms_of_the_organization_are_told_as_they_are_called() -> None:
    engines = FakeEngines("mi cuenta corriente de kallglot")
    async with Running(of_acme(engines)) as worker:
        session = worker.plant.create(
            source_language="es",
            target_language="en",
            terminology=Terminology(names=("Kallglot",)),
            metadata={"customer": "Señora Núñez", "id": "4711"},
        )
        client = await worker.client(session)
        await client.say(1.0, Role.CUSTOMER)
        (final,) = client.of("transcript.final")
        assert final["translation"] == {"language": "en", "text": "[en] mi current account de Kallglot"}
        assert engines.listeners[0].spec.hints == ("Kallglot", "cuenta corriente", "Señora Núñez")
        (spoken,) = engines.spoken
        assert spoken.text == "[en] mi current account de Kallglot"


@virtual_time
async def test_a_term_that_got_lost_is_named_to_everybody_and_kept() -> None:
    async with Running(of_acme(Careless("mi cuenta corriente"))) as worker:
        session = worker.plant.create(source_language="es", target_language="en")
        client = await worker.client(session)
        await client.say(1.0, Role.CUSTOMER)
        (final,) = client.of("transcript.final")
        assert final["translation"]["terms_to_check"] == ["current account"]
        (turn,) = worker.plant.sessions.turns(session.tenant, session.id)
        assert turn.translation is not None and turn.translation.terms_to_check == ("current account",)


@virtual_time
async def test_who_comes_while_terms_cannot_be_read_is_asked_to_come_again() -> None:
    made = plant()

    def unreadable(_: str) -> Terminology:
        raise Unavailable("dependency_unavailable", "DynamoDB did not answer")

    made.equipment = replace(made.equipment, terminology=unreadable)
    calls = Calls(made.equipment)
    with pytest.raises(Unavailable):
        await Client(made.create()).connect(calls, made)
    assert len(calls) == 0
