from media_worker.engines.sentences import sentences


def test_sentences_end_at_their_marks_but_not_at_abbreviations_or_in_numbers() -> None:
    assert sentences("Hello. I am Mr. Smith! It costs 3.50 today? yes") == [
        "Hello.",
        "I am Mr. Smith!",
        "It costs 3.50 today?",
        "yes",
    ]
    assert sentences("") == []
