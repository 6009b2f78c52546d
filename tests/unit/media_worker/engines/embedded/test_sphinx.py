from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from media_worker.engines.embedded import sphinx


@dataclass
class LiveMean:
    """A decoder's normalisation: its mean starts with the weight of 500 frames, and follows what it hears."""

    mean: list[float]
    frames: list[tuple[int, int]] = field(default_factory=list)
    utterance: int = 0

    def start_utt(self) -> None:
        self.utterance = 0

    def process_raw(self, pcm: bytes) -> None:
        """Two bytes a frame here: its two coefficients."""
        self.frames += zip(pcm[0::2], pcm[1::2], strict=True)
        self.utterance += len(pcm) // 2

    def end_utt(self) -> None: ...

    def n_frames(self) -> int:
        return self.utterance

    def get_cmn(self, update: bool) -> str:
        if not update:
            return ",".join(map(str, self.mean))
        sums = [500 * start + sum(values) for start, *values in zip(self.mean, *self.frames, strict=True)]
        return ",".join(str(total / (500 + len(self.frames))) for total in sums)

    def set_cmn(self, text: str) -> None:
        self.mean, self.frames = [float(value) for value in text.split(",")], []


def test_recentring_takes_the_utterance_for_its_own_mean_and_hears_it_again() -> None:
    decoder = LiveMean([40.0, -5.0])
    decoder.start_utt()
    decoder.process_raw(bytes([50, 10] * 100 + [60, 20] * 50))

    sphinx.recentre(decoder, bytes([50, 10] * 150))

    assert decoder.mean == pytest.approx([160 / 3, 40 / 3], abs=0.01)
    assert decoder.frames == [(50, 10)] * 150


def test_an_utterance_without_frames_leaves_the_mean() -> None:
    decoder = LiveMean([40.0, -5.0])
    decoder.start_utt()

    sphinx.recentre(decoder, b"")

    assert decoder.mean == [40.0, -5.0]


def segment(word: str, first: int, last: int) -> SimpleNamespace:
    return SimpleNamespace(word=word, start_frame=first, end_frame=last, lscore=0.98, prob=0.5)


def finished(*segments: SimpleNamespace) -> SimpleNamespace:
    hypothesis = SimpleNamespace(hypstr="anything") if segments else None
    return SimpleNamespace(hyp=lambda: hypothesis, seg=lambda: iter(segments))


def test_words_lose_their_variant_number_and_fillers_are_left_out() -> None:
    decoder = finished(
        segment("<s>", 0, 9),
        segment("the(2)", 10, 20),
        segment("[NOISE]", 21, 30),
        segment("box", 31, 60),
        segment("<sil>", 61, 70),
        segment("++UH++", 71, 75),
        segment("</s>", 76, 80),
    )

    found = list(sphinx.segments(decoder, "en"))

    assert [(word.text, word.first_frame, word.last_frame) for word in found] == [("the", 10, 20), ("box", 31, 60)]


def test_scores_are_told_in_nats() -> None:
    [word] = sphinx.segments(finished(segment("yes", 0, 9)), "en")

    assert word.evidence.language_score == pytest.approx(-0.0202 * 1024 / 6.5, rel=0.01)
    assert word.evidence.posterior == pytest.approx(-0.693, abs=0.001)


def test_nothing_heard_has_no_words() -> None:
    assert list(sphinx.segments(finished(), "en")) == []
    assert sphinx.text_so_far(finished()) == ""
