"""The key design."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.adapters.dynamodb import table
from core.ports import DUE_SHARDS
from tests.builders import ACME, ACME_TEST, OTHER


@pytest.mark.parametrize("tenant", [ACME, ACME_TEST, OTHER])
def test_a_session_key_holds_its_tenant_and_gives_it_back(tenant: object) -> None:
    assert table.parse_session_pk(f"{tenant}/sess_1") == (tenant, "sess_1")


def test_turns_and_chunks_sort_by_number() -> None:
    assert sorted([table.turn_sk(10), table.turn_sk(9), table.turn_sk(99_999_999)]) == [
        "turn#00000009",
        "turn#00000010",
        "turn#99999999",
    ]
    assert table.chunk_sk(9) < table.chunk_sk(10)


def test_times_sort_as_text_whatever_their_zone() -> None:
    noon = datetime(2026, 3, 26, 12, tzinfo=UTC)
    times = [noon, noon + timedelta(microseconds=1), noon.astimezone(timezone(timedelta(hours=5))) + timedelta(days=1)]

    assert [table.sortable(at) for at in times] == sorted(table.sortable(at) for at in times)
    assert table.sortable(times[0]) == "2026-03-26T12:00:00.000000Z"


def test_sessions_spread_over_all_shards_and_stay_in_theirs() -> None:
    shards = [table.due_shard(f"sess_{number}") for number in range(1600)]

    assert set(shards) == {f"{shard:02d}" for shard in range(DUE_SHARDS)}
    assert max(shards.count(shard) for shard in set(shards)) < 200
    assert table.due_shard("sess_7") == table.due_shard("sess_7")


def test_idempotency_keys_do_not_run_into_each_other() -> None:
    made = {
        table.idempotency_pk(tenant, route, key)
        for tenant in (ACME, OTHER)
        for route in ("POST /a", "POST /a#b")
        for key in ("k", "b#k", "#")
    }

    assert len(made) == 12
