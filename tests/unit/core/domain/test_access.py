from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import (
    ApiKey,
    Refusal,
    Scope,
    Tenant,
    api_key_hash,
    api_key_secret,
    is_stream_token,
    stream_token,
)
from tests.fakes.clocks import START

KEY = b"k" * 32
LIVE = Tenant("org_1", True)


def token_at(seconds: float) -> str:
    return stream_token(KEY, LIVE, "sess_1", START, START + timedelta(seconds=seconds)).text


def accepted(text: str, seconds: float) -> bool:
    return is_stream_token([KEY], text, LIVE, "sess_1", START, START + timedelta(seconds=seconds))


def test_the_first_token_lasts_an_hour() -> None:
    token = stream_token(KEY, LIVE, "sess_1", START, START)

    assert token.text.startswith("kst_live_")
    assert token.expires_at == START + timedelta(hours=1)
    assert accepted(token.text, 3599)
    assert not accepted(token.text, 3600)


def test_a_fresh_token_is_handed_out_past_half_of_the_life_of_the_last() -> None:
    assert token_at(0) == token_at(1799)
    assert token_at(1799) != token_at(1801)


@given(st.floats(min_value=0, max_value=86_400), st.floats(min_value=0, max_value=1799))
def test_a_token_is_always_good_for_at_least_half_an_hour(issued_s: float, used_after_s: float) -> None:
    assert accepted(token_at(issued_s), issued_s + used_after_s)


def test_a_token_is_good_for_one_session_of_one_tenant_under_one_key() -> None:
    token = token_at(0)
    now = START

    assert not is_stream_token([KEY], token, LIVE, "sess_2", START, now)
    assert not is_stream_token([KEY], token, Tenant("org_2", True), "sess_1", START, now)
    assert not is_stream_token([KEY], token, Tenant("org_1", False), "sess_1", START, now)
    assert not is_stream_token([b"x" * 32], token, LIVE, "sess_1", START, now)
    assert not is_stream_token([KEY], "kst_live_ünicode", LIVE, "sess_1", START, now)


def test_bytes_that_are_no_text_are_a_wrong_credential_and_not_a_failure() -> None:
    """A server hands the bytes of a header that are not UTF-8 on as halves of characters."""
    assert not accepted(b"kst_live_\xff".decode(errors="surrogateescape"), 0)
    assert api_key_hash(b"pepper", "sk_live_\udcff") != api_key_hash(b"pepper", "sk_live_")


def test_a_token_never_shows_itself_in_a_log() -> None:
    token = stream_token(KEY, LIVE, "sess_1", START, START)

    assert token.text not in repr(token)


@pytest.mark.parametrize("livemode", [True, False])
def test_a_tenant_survives_its_text_form(livemode: bool) -> None:
    tenant = Tenant("org_1", livemode)

    assert Tenant.parse(str(tenant)) == tenant


@pytest.mark.parametrize("text", ["", "org_1", "org_1:prod", ":live"])
def test_what_is_not_a_tenant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a tenant"):
        Tenant.parse(text)


def test_a_key_is_stored_as_a_hash_that_needs_the_pepper() -> None:
    secret = api_key_secret(False, b"r" * 24)

    assert secret.startswith("sk_test_")
    assert secret not in api_key_hash(b"pepper", secret)
    assert api_key_hash(b"pepper", secret) != api_key_hash(b"other", secret)
    with pytest.raises(ValueError, match="128"):
        api_key_secret(True, b"short")


def test_a_key_is_refused_once_revoked_or_expired() -> None:
    key = ApiKey("key_1", "hash", LIVE, frozenset(Scope), START, "abcd", expires_at=START + timedelta(days=1))

    assert key.refusal(START) is None
    assert key.refusal(START + timedelta(days=1)) is Refusal.EXPIRED
    revoked = ApiKey("key_1", "hash", LIVE, frozenset(), START, "abcd", revoked_at=START)
    assert revoked.refusal(START) is Refusal.REVOKED


def test_a_stream_token_made_with_a_key_that_was_replaced_is_one_while_that_is_kept() -> None:
    token = stream_token(b"old" * 11, LIVE, "sess_1", START, START).text
    assert is_stream_token((KEY, b"old" * 11), token, LIVE, "sess_1", START, START)
    assert not is_stream_token((KEY,), token, LIVE, "sess_1", START, START)
