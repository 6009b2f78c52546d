from __future__ import annotations

from core.domain.sessions import Channels, Recording, Role
from media_worker.messages import Speech
from media_worker.pipeline.party import Party
from media_worker.pipeline.tape import Tape
from tests.builders import a_session

AGENT = Party(Role.AGENT, "en")
SOUND = b"\x10\x00" * 8000


def speech(pcm: bytes = SOUND) -> Speech:
    return Speech("seg_1", 1, Role.AGENT, Role.CUSTOMER, "en", pcm, 8000)


def tape() -> Tape:
    made = Tape()
    made.begin(a_session(recording=Recording(enabled=True, channels=Channels.MONO, id="rec_1")), 0.0)
    return made


def heard(made: Tape, now_s: float) -> list[int]:
    """Where sound begins and ends, in samples."""
    pcm = b"".join(piece.pcm for piece in made.rest(int(now_s * 8000)))
    loud = [number for number in range(len(pcm) // 2) if pcm[number * 2]]
    return [loud[0], loud[-1] + 1, len(pcm) // 2] if loud else [len(pcm) // 2]


def test_an_agent_is_recorded_when_it_is_heard() -> None:
    made = tape()
    made.speak(AGENT, speech(), 1.0)
    made.speak(AGENT, speech(), 1.1)
    assert heard(made, 4.0) == [8000, 24000, 32000]


def test_what_was_cut_off_is_not_on_the_recording() -> None:
    made = tape()
    made.speak(AGENT, speech(), 1.0)
    made.speak(AGENT, speech(), 1.1)
    made.cut(1.5)
    assert heard(made, 4.0) == [8000, 12000, 32000]


def test_what_is_still_to_be_heard_at_the_end_is_not_either() -> None:
    made = tape()
    made.speak(AGENT, speech(), 1.0)
    assert heard(made, 1.25) == [8000, 10000, 10000]


def test_nothing_is_kept_where_nothing_is_recorded() -> None:
    made = Tape()
    made.speak(AGENT, speech(), 0.0)
    assert list(made.rest(8000)) == []
