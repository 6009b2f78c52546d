"""How well and how fast the embedded translator translates: `python -m bench.translation`.

Scores are on words in small letters without punctuation, against one reference: a reference is one right answer of
many, so compare figures with each other, not with a hundred. "book" is how many sentences the set phrases answered.
"""

from __future__ import annotations

import math
import platform
import statistics
import time
from collections import Counter
from collections.abc import Sequence

from bench.translation_sentences import BEYOND, IN_DOMAIN
from media_worker.engines.base import TranslationRequest
from media_worker.engines.embedded.phrases import PhraseBook, normal
from media_worker.engines.embedded.translator import ApertiumTranslator

_ROUNDS = 5
_BLEU_ORDER = 4
_CHRF_ORDER = 6
_CHRF_BETA = 2.0


def bleu(answers: Sequence[str], references: Sequence[str]) -> float:
    """BLEU-4 of a corpus, 0..100."""
    logs = [math.log(max(_precision(answers, references, order), 1e-9)) for order in range(1, _BLEU_ORDER + 1)]
    long, short = (sum(len(text.split()) for text in texts) for texts in (references, answers))
    return 100 * math.exp(sum(logs) / _BLEU_ORDER + min(0.0, 1 - long / max(short, 1)))


def _precision(answers: Sequence[str], references: Sequence[str], order: int) -> float:
    pairs = [(_grams(a.split(), order), _grams(r.split(), order)) for a, r in zip(answers, references, strict=True)]
    return sum((a & r).total() for a, r in pairs) / max(1, sum(a.total() for a, _ in pairs))


def chrf(answers: Sequence[str], references: Sequence[str]) -> float:
    """chrF2 of a corpus, 0..100."""
    return 100 * statistics.mean(_chrf(answers, references, order) for order in range(1, _CHRF_ORDER + 1))


def _chrf(answers: Sequence[str], references: Sequence[str], order: int) -> float:
    letters = [(list(a.replace(" ", "")), list(r.replace(" ", ""))) for a, r in zip(answers, references, strict=True)]
    pairs = [(_grams(a, order), _grams(r, order)) for a, r in letters]
    same = sum((a & r).total() for a, r in pairs)
    precision, recall = (same / max(1, sum(pair[side].total() for pair in pairs)) for side in (0, 1))
    weight = _CHRF_BETA**2
    return (1 + weight) * precision * recall / max(1e-9, weight * precision + recall)


def _grams(items: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(items[start : start + order]) for start in range(len(items) - order + 1))


def row(translator: ApertiumTranslator, name: str, pairs: Sequence[tuple[str, str]], pair: tuple[str, str]) -> str:
    texts, references = zip(*pairs, strict=True)
    took_ms: list[float] = []
    answers: list[str] = []
    for _ in range(_ROUNDS):
        answers = [_timed(translator, text, pair, took_ms) for text in texts]
    book = PhraseBook.read()
    known = [phrase is not None and not phrase.rest for phrase in (book.translate(text, *pair) for text in texts)]
    plain = [normal(answer) for answer in answers]
    p95_ms = statistics.quantiles(took_ms, n=20)[-1]
    return (
        f"{pair[0]}→{pair[1]}  {name:<10} {len(texts):>4} {sum(known):>5} {bleu(plain, references):>6.1f} "
        f"{chrf(plain, references):>6.1f} {statistics.median(took_ms):>8.1f} {p95_ms:>8.1f}"
    )


def _timed(translator: ApertiumTranslator, text: str, pair: tuple[str, str], took_ms: list[float]) -> str:
    started_s = time.perf_counter()
    (answer,) = translator.translate([TranslationRequest(text, *pair)])
    took_ms.append((time.perf_counter() - started_s) * 1000)
    return answer


def main() -> None:
    translator = ApertiumTranslator()
    print(f"embedded translator, {platform.machine()}, Python {platform.python_version()}")
    print("pair   sentences     n  book   BLEU   chrF   p50 ms   p95 ms")
    for name, pairs in (("in domain", IN_DOMAIN), ("beyond", BEYOND)):
        print(row(translator, name, pairs, ("en", "es")))
        print(row(translator, name, [(spanish, english) for english, spanish in pairs], ("es", "en")))
    translator.close()


if __name__ == "__main__":
    main()
