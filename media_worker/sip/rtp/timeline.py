"""A call's sound as it is handed on: 20 ms pieces, as many as time goes by.

What comes is handed on at once. When nothing comes, the time is filled: with an echo of the voice that fades, then with
silence, so that whoever listens learns that time passes. What fills the time and what comes after all are together
longer than time was; that is made up for by leaving out quiet pieces, and beyond `_MOST_AHEAD_S` by dropping.
"""

from __future__ import annotations

import audioop
from collections.abc import Callable

from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.sip.rtp.concealment import Concealer
from media_worker.sip.rtp.stats import RtpStats

RATE_HZ = 8000
FRAME_SAMPLES = 160
_FRAME_BYTES = FRAME_SAMPLES * SAMPLE_BYTES
_FRAME_S = FRAME_SAMPLES / RATE_HZ
_BYTES_PER_S = RATE_HZ * SAMPLE_BYTES
_SILENCE = bytes(_FRAME_BYTES)

# So far ahead of the clock sound may be without anything being done about it: jitter does that.
_AHEAD_S = 0.06
_MOST_AHEAD_S = 0.4
# Below -38 dB of full scale it is a pause between words.
_QUIET = 400
# After so many pieces without a quiet one every 25th is left out, quiet or not.
_PATIENT_PIECES, _EVERY = 250, 25
# A telephone whose clock is slow must not look like one whose packets get lost: 500 ppm of the lag are forgiven.
_FORGIVEN_S_PER_PIECE = 10e-6
_FORGIVEN_BELOW_S = -0.005
_SLACK_S = 0.02
# A process that was held up for longer than this has other worries than the length of a call.
_MOST_FILLED = 2 * RATE_HZ


class Timeline:
    """`hear` gets 160 samples of 16-bit PCM each time; `until` is the time up to which it has got sound."""

    def __init__(self, hear: Callable[[bytes], None], stats: RtpStats, now: float) -> None:
        self._hear = hear
        self._stats = stats
        self.until = now
        self._rest = b""
        self._concealer = Concealer()
        self._ahead_for = 0
        # The other side has said that it is silent, so nothing is repeated of its voice.
        self.is_pause = True

    def start(self, now: float) -> None:
        """Time counts from here."""
        self.until = now

    def play(self, pcm: bytes, now: float) -> bool:
        """Whether it was handed on; False if its time had been filled already."""
        ahead_s = self.until - now
        if ahead_s > _AHEAD_S:
            if ahead_s > _MOST_AHEAD_S:
                return False
            if self._may_skip(pcm):
                self._stats.skipped += 1
                return True
        elif ahead_s < _FORGIVEN_BELOW_S:
            self.until += _FORGIVEN_S_PER_PIECE
            self._ahead_for = 0
        self.until += len(pcm) / _BYTES_PER_S
        self.is_pause = False
        concealer = self._concealer
        if concealer.period is not None:
            pcm = concealer.resume(pcm)
        concealer.pieces.append(pcm)
        if len(pcm) == _FRAME_BYTES and not self._rest:
            self._hear(pcm)
        else:
            self._hand_on(pcm)
        return True

    def bridge(self, samples: int, lost_samples: int, now: float) -> None:
        """A gap that timestamps tell of: the first `lost_samples` were lost, in the rest nothing was sent.

        No more is filled than the time that has passed, whatever timestamps say.
        """
        room = int((now - self.until + _SLACK_S) * RATE_HZ)
        lost_samples = min(lost_samples, samples, room)
        if lost_samples > 0:
            self._stats.concealed += -(-lost_samples // FRAME_SAMPLES)
            self._fill(self._concealer.conceal(lost_samples))
        silent_samples = min(samples, room) - max(0, lost_samples)
        if silent_samples > 0:
            self._fill(bytes(silent_samples * SAMPLE_BYTES))

    def fill(self, now: float, patience_s: float) -> int:
        """Time that has passed without anything, `patience_s` of it left for what is under way. Returns samples."""
        filled = 0
        while self.until + _FRAME_S <= now - patience_s + 1e-6:
            if filled >= _MOST_FILLED:
                self.until = now - patience_s
                break
            self._fill(_SILENCE if self.is_pause else self._concealer.conceal(FRAME_SAMPLES))
            self.is_pause = self.is_pause or self._concealer.is_silent
            filled += FRAME_SAMPLES
        return filled

    def forget_voice(self) -> None:
        """Somebody else speaks from here on."""
        self._concealer.forget()
        self.is_pause = True

    def _may_skip(self, pcm: bytes) -> bool:
        self._ahead_for += 1
        overdue = self._ahead_for > _PATIENT_PIECES and self._ahead_for % _EVERY == 0
        return overdue or audioop.rms(pcm, SAMPLE_BYTES) <= _QUIET

    def _fill(self, pcm: bytes) -> None:
        self.until += len(pcm) / _BYTES_PER_S
        self._hand_on(pcm)

    def _hand_on(self, pcm: bytes) -> None:
        pcm = self._rest + pcm
        whole = len(pcm) // _FRAME_BYTES * _FRAME_BYTES
        for begin in range(0, whole, _FRAME_BYTES):
            self._hear(pcm[begin : begin + _FRAME_BYTES])
        self._rest = pcm[whole:]
