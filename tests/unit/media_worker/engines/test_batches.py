from hypothesis import given
from hypothesis import strategies as st

from media_worker.engines.batches import batches


@given(st.lists(st.sampled_from("xyz"), max_size=40), st.integers(1, 7))
def test_batches_hold_one_key_each_and_lose_nothing(keys: list[str], largest: int) -> None:
    made = batches(keys, largest)
    assert sorted(number for batch in made for number in batch) == list(range(len(keys)))
    assert all(len({keys[number] for number in batch}) == 1 for batch in made)
    assert all(1 <= len(batch) <= largest for batch in made)
