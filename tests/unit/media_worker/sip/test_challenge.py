from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.domain import digest
from core.domain.digest import Algorithm, DigestResponse
from core.services.sip_calls import Admission
from media_worker.sip.challenge import Challenge
from media_worker.sip.floodgate import Floodgate
from media_worker.sip.refused import Refused
from tests.fakes.sip_messages import SentFlow, Timers, asked, request

PASSWORD = "right"


@dataclass
class World:
    """One user, `anna`, whose password is right."""

    timers: Timers = field(default_factory=Timers)
    needs_digest: bool = True

    def __post_init__(self) -> None:
        self.floodgate = Floodgate(self.timers.time)
        secret = SimpleNamespace(values=(b"k" * 32,))
        self.challenge = Challenge(
            self._is_genuine,
            cast(Any, lambda: secret),
            cast(Any, self._offload),
            self.floodgate,
            self.timers.time,
            bytes,
        )

    def check(self, more: str = "", host: str = "203.0.113.7", user: str = "sess_01") -> None:
        message = asked(SentFlow(host=host), request(more=more, user=user))
        admission = cast(Admission, SimpleNamespace(needs_digest=self.needs_digest, realm="kallglot"))
        asyncio.run(self.challenge.check(message, admission))

    def refused(self, more: str = "", host: str = "203.0.113.7", user: str = "sess_01") -> Refused:
        with pytest.raises(Refused) as refused:
            self.check(more, host, user)
        return refused.value

    def nonce(self, host: str = "203.0.113.7") -> str:
        return self.refused(host=host).fields[0][1].split('nonce="')[1].split('"')[0]

    def _is_genuine(self, _admission: Admission, given: DigestResponse) -> bool:
        return digest.is_right(given, digest.ha1(given.algorithm, "anna", "kallglot", PASSWORD))

    async def _offload(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return call(*arguments)


def authorization(
    nonce: str,
    password: str = PASSWORD,
    count: str = "00000001",
    uri: str = "sip:sess_01@198.51.100.4",
    algorithm: Algorithm = Algorithm.SHA_256,
) -> str:
    ha1 = digest.ha1(algorithm, "anna", "kallglot", password)
    response = digest.answer(algorithm, ha1, "INVITE", uri, nonce, count, "c")
    return (
        f'Authorization: Digest username="anna", realm="kallglot", nonce="{nonce}", uri="{uri}", cnonce="c", '
        f'nc={count}, qop=auth, algorithm={algorithm.value}, response="{response}"'
    )


def test_where_no_password_is_wanted_nobody_is_asked() -> None:
    World(needs_digest=False).check()


def test_who_shows_none_is_asked_for_one_by_what_all_telephones_know() -> None:
    refused = World().refused()
    assert refused.code == 401
    assert ["algorithm=MD5" in value for _, value in refused.fields] == [True]
    assert {name for name, _ in refused.fields} == {"WWW-Authenticate"}


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_right_password_lets_in(algorithm: Algorithm) -> None:
    world = World()
    world.check(authorization(world.nonce(), algorithm=algorithm))


@pytest.mark.parametrize("uri", ["sip:198.51.100.4:5060", "sip:sess_01@other.example;transport=tcp"])
def test_telephones_may_write_the_address_in_their_own_way(uri: str) -> None:
    world = World()
    world.check(authorization(world.nonce(), uri=uri))


def test_a_password_shown_for_one_session_is_none_for_another() -> None:
    world = World()
    assert world.refused(authorization(world.nonce()), user="sess_02").code == 403


def test_a_wrong_password_is_forbidden_and_counted() -> None:
    world = World()
    for _ in range(20):
        assert world.floodgate.admits("203.0.113.7")
        refused = world.refused(authorization(world.nonce(), "wrong"))
        assert (refused.code, refused.late) == (403, True)
    assert not world.floodgate.admits("203.0.113.7")


def test_an_answer_is_good_once() -> None:
    world = World()
    shown = authorization(world.nonce())
    world.check(shown)
    refused = world.refused(shown)
    assert refused.code == 401
    assert "stale=true" in refused.fields[0][1]


def test_a_nonce_may_be_used_again_with_a_higher_count() -> None:
    world = World()
    nonce = world.nonce()
    world.check(authorization(nonce))
    world.check(authorization(nonce, count="00000002"))


def test_an_old_nonce_is_replaced_without_asking_for_another_password() -> None:
    world = World()
    shown = authorization(world.nonce())
    world.timers.pass_s(301)
    refused = world.refused(shown)
    assert (refused.code, "stale=true" in refused.fields[0][1]) == (401, True)


def test_a_nonce_of_our_own_making_or_given_to_another_address_is_none() -> None:
    world = World()
    stolen = world.nonce(host="198.51.100.99")
    for nonce in ("made-up", stolen):
        refused = world.refused(authorization(nonce))
        assert (refused.code, "stale" in refused.fields[0][1]) == (401, False)
    assert world.floodgate.admits("203.0.113.7")


def test_what_is_no_digest_is_a_bad_request() -> None:
    assert World().refused("Authorization: Basic YTpi").code == 400
