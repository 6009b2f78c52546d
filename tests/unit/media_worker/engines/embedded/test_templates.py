import pytest

from media_worker.engines.embedded.templates import Domain, parse, sentences

TEXT = """# a heading
color = red|dark (blue|green)
count = one|two {color}

i want {count} [big|small] (box|bag)
hello
"""


def test_slots_and_templates_are_told_apart() -> None:
    assert parse(TEXT) == Domain(
        slots={"color": ["red", "dark (blue|green)"], "count": ["one", "two {color}"]},
        templates=["i want {count} [big|small] (box|bag)", "hello"],
    )


def test_every_alternative_is_drawn_and_nothing_else() -> None:
    drawn = set(sentences(parse(TEXT), draws=2000, seed=0))

    counts = ["one", "two red", "two dark blue", "two dark green"]
    expected = {
        f"i want {count} {size}{thing}"
        for count in counts
        for size in ("", "big ", "small ")
        for thing in ("box", "bag")
    }
    assert drawn == expected | {"hello"}


def test_the_same_seed_draws_the_same_sentences_and_another_seed_others() -> None:
    first, again, other = (list(sentences(parse(TEXT), 50, seed)) for seed in (1, 1, 2))

    assert first == again != other
    assert len(first) == 100


def test_a_slot_that_names_itself_is_an_error() -> None:
    with pytest.raises(ValueError, match="nests deeper"):
        list(sentences(parse("loop = again {loop}\n{loop}"), 1, 0))
