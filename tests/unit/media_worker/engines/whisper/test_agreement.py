from hypothesis import given
from hypothesis import strategies as st

from media_worker.engines.whisper.agreement import Agreement, HeardWord

ALPHABET = st.lists(st.sampled_from("abc"), max_size=6)


def words(text: str) -> list[HeardWord]:
    return [HeardWord(f" {word}", (ord(word[0]), len(word))) for word in text.split()]


def after(hypotheses: list[str], rounds: int = 2) -> Agreement:
    agreement = Agreement(rounds)
    for text in hypotheses:
        agreement.add(words(text))
    return agreement


def test_one_hypothesis_settles_nothing() -> None:
    agreement = after(["where is"])
    assert (agreement.prefix, agreement.text) == ((), "where is")


def test_what_two_agree_on_is_settled_and_the_rest_stays_tentative() -> None:
    agreement = after(["where is mine", "where is my order"])
    assert [word.text for word in agreement.committed] == [" where", " is"]
    assert [word.text for word in agreement.tentative] == [" my", " order"]
    assert agreement.text == "where is my order"
    assert len(agreement.prefix) == 4


def test_the_next_hypothesis_goes_on_behind_what_is_settled() -> None:
    agreement = after(["where is mine", "where is my", "my order"])
    assert agreement.text == "where is my order"
    assert [word.text for word in agreement.committed] == [" where", " is", " my"]


def test_three_must_agree_where_three_are_asked() -> None:
    assert after(["a b", "a b"], rounds=3).committed == []
    assert [word.text for word in after(["a b", "a b", "a c"], rounds=3).committed] == [" a"]


@given(st.lists(ALPHABET, max_size=12), st.integers(2, 4))
def test_a_committed_word_is_never_taken_back(hypotheses: list[list[str]], rounds: int) -> None:
    agreement, before = Agreement(rounds), list[HeardWord]()
    for hypothesis in hypotheses:
        agreement.add(words(" ".join(hypothesis)))
        assert agreement.committed[: len(before)] == before
        before = list(agreement.committed)
