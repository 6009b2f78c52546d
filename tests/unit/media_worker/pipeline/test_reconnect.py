"""Who comes back, to this worker or to another one, finds the same session and hears what was missed."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest

from core.domain.access import Tenant
from core.domain.sessions import Role, Session, Status
from core.domain.transcripts import Turn
from core.errors import Unavailable
from core.services.streams import Progress
from media_worker.messages import AudioIn, EndRequest
from media_worker.pipeline.absences import Absences, missed
from media_worker.pipeline.equipment import Limits
from media_worker.pipeline.party import Party
from tests.fakes.clocks import START
from tests.fakes.engines import FakeEngines
from tests.fakes.talk import SILENCE, Client, Running, loud
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import Plant, plant

CUSTOMER, AGENT = Party(Role.CUSTOMER, "en"), Party(Role.AGENT, "es")


def turn(sequence: int, at_s: float = 0.0) -> Turn:
    at = START + timedelta(seconds=at_s)
    return Turn(f"seg_{sequence}", sequence, Role.AGENT, "es", f"line {sequence}", at, 0.0, 1.0, 0.9)


def drop(client: Client) -> None:
    assert client.conversation is not None
    client.conversation.leave(client.leg)


def finals(client: Client) -> list[str]:
    return [final["text"] for final in client.of("transcript.final")]


async def come_back(worker: Running, session: Session, role: Role | None = None, last: int | None = None) -> Client:
    client = Client(session, role)
    client.conversation = await worker.calls.join(session.id, worker.plant.token(session), client.leg, last)
    return client


def beside(other: Plant, *lines: str) -> Plant:
    """A second worker over the same stores."""
    made = plant(FakeEngines(*lines), worker_id="worker_2", sessions=other.sessions, workers=other.workers)
    made.recordings.objects = other.recordings.objects
    return made


def test_somebody_who_was_never_here_has_missed_nothing() -> None:
    absences = Absences()
    absences.left(AGENT, 3)

    assert absences.back(CUSTOMER) is None
    assert absences.back(AGENT) == 3
    assert absences.back(AGENT) is None


def test_of_two_that_left_the_first_has_missed_most() -> None:
    absences = Absences()
    absences.left(None, 3)
    absences.left(None, 5)

    assert absences.back(None) == 3


def test_at_another_worker_everybody_was_away_since_the_last_leg_left() -> None:
    absences = Absences()
    absences.all_left((CUSTOMER, AGENT), START + timedelta(seconds=10), [turn(1, 5), turn(2, 9), turn(3, 11)])

    assert [absences.back(who) for who in (None, CUSTOMER, AGENT)] == [2, 2, 2]


def test_what_is_both_stored_and_fresh_is_told_once_and_the_latest_count() -> None:
    told = missed(1, 4, [turn(1), turn(2), turn(3)], [turn(3), turn(4)], most=10)

    assert [transcript.sequence for transcript in told] == [2, 3, 4]
    latest = missed(1, 4, [turn(2), turn(3)], [turn(4), turn(5)], most=2)
    assert [transcript.sequence for transcript in latest] == [3, 4]


@virtual_time
async def test_what_was_said_while_a_leg_was_away_is_told_when_it_is_back() -> None:
    async with Running(plant(FakeEngines("before", "meanwhile", "after"))) as worker:
        session = worker.plant.create()
        customer = await come_back(worker, session, Role.CUSTOMER)
        agent = await come_back(worker, session, Role.AGENT)
        await customer.say(1.0)
        drop(agent)
        await customer.say(1.0)
        again = await come_back(worker, session, Role.AGENT)
        await customer.say(1.0)
        assert finals(agent) == ["before"]
        assert [message["type"] for message in again.said[:2]] == ["session.ready", "transcript.final"]
        assert finals(again) == ["meanwhile", "after"]
        assert again.said[1] == customer.of("transcript.final")[1]


@virtual_time
async def test_a_client_may_say_what_it_has() -> None:
    async with Running(plant(FakeEngines("one", "two", "three"))) as worker:
        session = worker.plant.create()
        customer = await come_back(worker, session, Role.CUSTOMER)
        for _ in range(3):
            await customer.say(1.0)
        assert finals(await come_back(worker, session, Role.AGENT, last=1)) == ["two", "three"]
        assert finals(await come_back(worker, session, Role.AGENT, last=3)) == []
        assert finals(await come_back(worker, session, Role.AGENT)) == []
        assert finals(await come_back(worker, session, Role.AGENT, last=0)) == ["one", "two", "three"]


@virtual_time
async def test_more_than_can_be_told_again_is_cut_to_the_latest() -> None:
    async with Running(plant(FakeEngines(*"abcd"), limits=Limits(missed_turns=2))) as worker:
        session = worker.plant.create()
        customer = await come_back(worker, session, Role.CUSTOMER)
        for _ in range(4):
            await customer.say(1.0)
        assert finals(await come_back(worker, session, Role.AGENT, last=0)) == ["c", "d"]


@virtual_time
async def test_another_worker_goes_on_with_the_same_clock_transcript_recording_and_meters() -> None:
    mine = plant(FakeEngines("before"))
    theirs = beside(mine, "after")
    async with Running(mine) as here, Running(theirs) as there:
        session = mine.create()
        first = await come_back(here, session)
        await first.say(1.0)
        await here.calls.hand_over()
        mine.workers.forget("worker_1")
        await here.calls.dismiss()
        recording_id = mine.stored(session).recording.id
        await asyncio.sleep(28)
        second = await come_back(there, session)
        assert (second.said[0]["resumed"], second.said[0]["last_sequence"]) == (True, 1)
        await second.say(1.0)
        final = second.of("transcript.final")[0]
        assert final["sequence"] == 2
        assert final["start_time"] == pytest.approx(30.0, abs=0.1)
        second.send(EndRequest())
        await asyncio.sleep(1)
        stored = theirs.stored(session)
        assert (stored.status, stored.recording.id, stored.owner) == (Status.ENDED, recording_id, "worker_2")
        assert stored.usage.active_s == pytest.approx(4.0, abs=0.2)
        chunks = theirs.sessions.chunks(session.tenant, session.id)
        assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
        assert all(b.offset_s >= a.offset_s + a.duration_s - 0.001 for a, b in itertools.pairwise(chunks))
        assert chunks[-1].offset_s == pytest.approx(30.0, abs=0.1)


@virtual_time
async def test_what_was_written_after_the_last_leg_left_is_told_at_the_other_worker() -> None:
    mine = plant(FakeEngines("before", "unheard"))
    theirs = beside(mine)
    async with Running(mine) as here, Running(theirs) as there:
        session = mine.create()
        first = await come_back(here, session, Role.CUSTOMER)
        await first.say(1.0)
        await first.speak(loud(1.0))
        drop(first)
        await asyncio.sleep(5)
        mine.workers.forget("worker_1")
        second = await come_back(there, session, Role.CUSTOMER)
        assert finals(first) == ["before"]
        assert finals(second) == ["unheard"]


@virtual_time
async def test_turns_written_between_the_door_and_the_claim_do_not_lend_their_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last owner flushes while its client is already here: what was read at the door is out of date."""
    mine = plant(FakeEngines("one"))
    theirs = beside(mine, "three")
    async with Running(mine) as here, Running(theirs) as there:
        session = mine.create()
        await (await come_back(here, session)).say(1.0)
        held = mine.stored(session)
        find = theirs.sessions.find

        def overtaken(tenant: Tenant, session_id: str) -> Session | None:
            found = find(tenant, session_id)
            monkeypatch.undo()
            mine.service.progress(held, Progress(turns=(turn(2),)))
            mine.workers.forget("worker_1")
            return found

        monkeypatch.setattr(theirs.sessions, "find", overtaken)
        second = await come_back(there, session)
        await second.say(1.0)
        assert second.said[0]["last_sequence"] == 2
        assert [t.text for t in theirs.sessions.turns(session.tenant, session.id)] == ["one", "line 2", "three"]


@virtual_time
async def test_a_leg_that_comes_during_a_hand_over_is_sent_elsewhere_and_not_away() -> None:
    async with Running(plant()) as worker:
        session, other = worker.plant.create(), worker.plant.create()
        await come_back(worker, session)
        await worker.calls.hand_over()
        for late in (session, other):
            with pytest.raises(Unavailable):
                await come_back(worker, late)


@virtual_time
async def test_the_control_plane_mutes_a_participant_on_whatever_leg() -> None:
    async with Running(plant(FakeEngines("heard", "heard again"))) as worker:
        session = worker.plant.create()
        client = await come_back(worker, session)
        command = {"session_id": session.id, "participant": "customer"}
        worker.calls.command({"type": "mute", **command})
        await client.say(1.0, Role.CUSTOMER)
        assert finals(client) == []
        await client.say(1.0, Role.AGENT)
        worker.calls.command({"type": "unmute", **command})
        await client.say(1.0, Role.CUSTOMER)
        assert finals(client) == ["heard", "heard again"]
        worker.calls.command({"type": "mute", **command, "participant": "nobody"})
        client.send(AudioIn(SILENCE, 8000, 1, Role.CUSTOMER, None))
        assert client.socket.closed is None
