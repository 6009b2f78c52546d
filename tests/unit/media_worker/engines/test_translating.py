from collections.abc import Sequence

from media_worker.engines.base import LanguageNotServed, TranslationRequest
from media_worker.engines.pool_messages import Cancel, Failed, Translate, Translated
from media_worker.engines.translating import BATCH, Translating
from tests.unit.media_worker.engines.recorded import KeptEngine, Sent, unmeasured


def test_what_has_arrived_goes_to_the_engine_as_one_batch() -> None:
    engine, sent = KeptEngine(), Sent()
    translating = Translating(engine, sent, unmeasured)
    for number in range(BATCH + 1):
        translating.accept(Translate(number, f"t{number}", "en", "es"))
    translating.work()
    assert len(sent.messages) == BATCH
    translating.work()
    assert [len(texts) for texts in engine.named("translate") if isinstance(texts, list)] == [BATCH, 1]
    assert sent.messages[-1] == Translated(BATCH, f"T{BATCH}")
    assert translating.idle


def test_one_bad_sentence_does_not_cost_the_others_theirs() -> None:
    class Picky(KeptEngine):
        def translate(self, requests: Sequence[TranslationRequest]) -> list[str]:
            if any(request.text == "bad" for request in requests):
                raise LanguageNotServed("translation_unavailable")
            return super().translate(requests)

    sent = Sent()
    translating = Translating(Picky(), sent, unmeasured)
    for number, text in enumerate(["good", "bad", "fine"]):
        translating.accept(Translate(number, text, "en", "es"))
    translating.work()
    assert sent.messages == [
        Translated(0, "GOOD"),
        Failed(1, "translation_unavailable", False, True),
        Translated(2, "FINE"),
    ]


def test_a_withdrawn_request_is_not_worked_on() -> None:
    engine, sent = KeptEngine(), Sent()
    translating = Translating(engine, sent, unmeasured)
    translating.accept(Translate(1, "x", "en", "es"))
    translating.accept(Cancel(1))
    translating.work()
    assert translating.idle
    assert engine.calls == []
