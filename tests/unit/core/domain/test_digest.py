"""Digest authentication by the vectors of RFC 7616, and against what is no answer at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.digest import Algorithm, DigestResponse, MalformedDigest, answer, challenge, ha1, is_right, read

# RFC 7616, 3.9.1: "Mufasa" with the password "Circle of Life".
REALM, NONCE = "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
RESPONSES = {
    Algorithm.MD5: "8ca523f5e9506fed4657c9700eebdbec",
    Algorithm.SHA_256: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
}
HEADER = (
    'Digest username="Mufasa", realm="{realm}", uri="/dir/index.html", algorithm={algorithm}, nonce="{nonce}", '
    'nc=00000001, cnonce="{cnonce}", qop=auth, response="{response}", opaque="FQhe/qaU925kfnzj"'
)


def header(algorithm: Algorithm) -> str:
    return HEADER.format(
        realm=REALM, algorithm=algorithm.value, nonce=NONCE, cnonce=CNONCE, response=RESPONSES[algorithm]
    )


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_vectors_of_the_rfc(algorithm: Algorithm) -> None:
    held = ha1(algorithm, "Mufasa", REALM, "Circle of Life")
    assert answer(algorithm, held, "GET", "/dir/index.html", NONCE, "00000001", CNONCE) == RESPONSES[algorithm]
    said = read(header(algorithm), "GET")
    assert said == DigestResponse(
        "Mufasa", REALM, NONCE, "/dir/index.html", RESPONSES[algorithm], algorithm, CNONCE, "00000001", "GET"
    )
    assert said.nonce_count == 1
    assert is_right(said, held)
    assert is_right(replace(said, response=said.response.upper()), held)
    assert RESPONSES[algorithm] not in repr(said)


@pytest.mark.parametrize(
    "wrong",
    [{"method": "POST"}, {"uri": "/"}, {"nonce": "n"}, {"count": "00000002"}, {"cnonce": "c"}, {"response": ""}],
)
def test_whatever_is_different_is_wrong(wrong: dict[str, Any]) -> None:
    said = read(header(Algorithm.MD5), "GET")
    assert not is_right(replace(said, **wrong), ha1(Algorithm.MD5, "Mufasa", REALM, "Circle of Life"))


def test_without_a_word_the_algorithm_is_md5() -> None:
    assert read(header(Algorithm.MD5).replace(" algorithm=MD5,", ""), "GET").algorithm is Algorithm.MD5


def test_quotes_within_quotes() -> None:
    assert read(header(Algorithm.MD5).replace('"Mufasa"', r'"Mu\"fa\\sa"'), "GET").username == r'Mu"fa\sa'


@pytest.mark.parametrize(
    ("cut", "put"),
    [
        ("Digest ", "Basic "),
        ("qop=auth", "qop=auth-int"),
        ("qop=auth, ", ""),
        ("nc=00000001", "nc=1"),
        ("nc=00000001, ", ""),
        ('username="Mufasa"', 'username=""'),
        ('username="Mufasa", ', ""),
        ("algorithm=MD5", "algorithm=MD5-sess"),
        ("algorithm=MD5", "algorithm=SHA-512-256"),
        ("algorithm=MD5,", "algorithm=MD5, algorithm=MD5,"),
        ('"Mufasa"', '"Mufasa'),
        ("Mufasa", "M" * 513),
        ("Mufasa", "M" * 9999),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(cut: str, put: str) -> None:
    assert cut in header(Algorithm.MD5)
    with pytest.raises(MalformedDigest) as malformed:
        read(header(Algorithm.MD5).replace(cut, put, 1), "GET")
    assert "Mufasa" not in str(malformed.value)


@given(st.text(max_size=300))
def test_nothing_else_comes_of_any_text(text: str) -> None:
    for given_ in (text, f"Digest {text}"):
        with pytest.raises(MalformedDigest):
            read(given_, "INVITE")


def test_a_challenge_for_each_algorithm() -> None:
    assert challenge("kallglot", "n", Algorithm.SHA_256) == (
        'Digest realm="kallglot", nonce="n", algorithm=SHA-256, qop="auth"'
    )
    assert challenge("kallglot", "n", Algorithm.MD5, stale=True).endswith(', qop="auth", stale=true')
