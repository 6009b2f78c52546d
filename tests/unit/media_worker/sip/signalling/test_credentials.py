from __future__ import annotations

import pytest

from core.domain.digest import Algorithm, ha1, is_right, read
from core.domain.sip import TrunkCredentials
from media_worker.sip.signalling.credentials import Challenge, challenge_in
from media_worker.sip.signalling.reading import Answered
from media_worker.sip.signalling.reading import read as message_of
from tests.fakes.sip_messages import SentFlow

MUFASA = TrunkCredentials("Mufasa", "Circle of Life")
URI = "sip:bob@biloxi.com"


def _answered(code: int, *fields: str) -> Answered:
    lines = [
        f"SIP/2.0 {code} Whatever",
        "Via: SIP/2.0/UDP 198.51.100.4:5060;branch=z9hG4bKone",
        "From: <sip:a@example.com>;tag=ours",
        "To: <sip:b@example.com>;tag=theirs",
        "Call-ID: call-1",
        "CSeq: 1 INVITE",
        *fields,
        "Content-Length: 0",
    ]
    message = message_of(("\r\n".join(lines) + "\r\n\r\n").encode(), SentFlow())
    assert isinstance(message, Answered)
    return message


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_what_we_answer_is_what_a_server_checks(algorithm: Algorithm) -> None:
    challenge = Challenge("Authorization", 'the "one"', "n\\1", algorithm, True, "o")
    found = read(challenge.answer(MUFASA, "INVITE", URI, "c1"), "INVITE")
    assert (found.realm, found.nonce, found.nonce_count) == ('the "one"', "n\\1", 1)
    assert is_right(found, ha1(algorithm, "Mufasa", 'the "one"', "Circle of Life"))
    assert not is_right(found, ha1(algorithm, "Mufasa", 'the "one"', "another"))


def test_a_challenge_of_the_old_kind_is_answered_as_it_wants() -> None:
    """The response was computed with hashlib alone, by RFC 2069: MD5(HA1:nonce:HA2)."""
    challenge = challenge_in(_answered(401, 'WWW-Authenticate: Digest algorithm=MD5, realm="asterisk", nonce="4f"'))
    assert challenge is not None
    told = challenge.answer(TrunkCredentials("100", "pw"), "INVITE", "sip:1@h", "c1")
    assert 'response="0dcd4827659d7d5fcea6922e67401615"' in told
    assert "qop" not in told


def test_the_strongest_that_is_known_is_taken() -> None:
    asked = [
        f'Proxy-Authenticate: Digest realm="r", nonce="{name}", algorithm={name}, qop="auth,auth-int"'
        for name in ("SHA-512-256", "MD5", "SHA-256")
    ]
    challenge = challenge_in(_answered(407, *asked))
    assert challenge is not None
    assert (challenge.algorithm, challenge.header) == (Algorithm.SHA_256, "Proxy-Authorization")


@pytest.mark.parametrize(
    "value",
    ["Basic realm=r", "Digest", 'Digest realm="r"', 'Digest realm="r", nonce="n", qop="auth-int"', "Digest realm=,"],
)
def test_what_cannot_be_answered_is_none(value: str) -> None:
    assert challenge_in(_answered(401, f"WWW-Authenticate: {value}")) is None


def test_only_who_asks_is_answered() -> None:
    field = 'WWW-Authenticate: Digest realm="r", nonce="n"'
    assert challenge_in(_answered(403, field)) is None
    assert challenge_in(_answered(407, field)) is None
