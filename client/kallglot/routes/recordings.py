"""/v1/recordings: look at them, download them, delete them."""

from __future__ import annotations

from pathlib import Path

from kallglot.downloading import Progress, download, link
from kallglot.errors import RecordingFailed
from kallglot.exchange.exchanging import until
from kallglot.exchange.requests import Request, path, query
from kallglot.exchange.steps import Plan
from kallglot.objects.bodies import one
from kallglot.objects.recordings import Deleted, Recording
from kallglot.routes.inputs import AudioFormat
from kallglot.routes.route import Client, Errand, Resource, Route


class Recordings(Resource[Client]):
    @Route
    def get(self, recording_id: str) -> Request[Recording]:
        return Request("GET", path("recordings", recording_id), one(Recording))

    @Route
    def delete(self, recording_id: str) -> Request[Deleted]:
        """The sound is gone then, and cannot be brought back."""
        return Request("DELETE", path("recordings", recording_id), one(Deleted))

    @Errand
    def wait_until_ready(self, recording_id: str, *, timeout_s: float = 60.0) -> Plan[Recording]:
        """Ask until the file is made. Raises TimedOut, or RecordingFailed when there was nothing to hear."""
        return until(
            Recordings.get.build(self, recording_id),
            _is_finished,
            self._terms,
            timeout_s,
            f"the recording {recording_id} is not finished",
        )

    @Errand
    def audio_url(self, recording_id: str, format: AudioFormat = "wav") -> Plan[str]:
        """An address that plays for some minutes, without a key: give it to whom you would give the sound."""
        return link(_audio(recording_id, format), self._terms)

    @Errand
    def download(
        self,
        recording_id: str,
        to: str | Path,
        *,
        format: AudioFormat = "wav",
        progress: Progress | None = None,
    ) -> Plan[Path]:
        """Into a file, which appears when it is whole; what broke off goes on where it stopped, in a later call too.

        `progress` is called with (bytes so far, bytes in all or None). Raises Conflict while the recording is not
        finished.
        """
        return download(_audio(recording_id, format), self._terms, Path(to), progress)


def _is_finished(recording: Recording) -> bool:
    if recording.status == "failed":
        raise RecordingFailed(f"nothing was recorded in {recording.session_id}")
    return recording.status == "ready"


def _audio(recording_id: str, format: AudioFormat) -> Request[None]:
    return Request("GET", path("recordings", recording_id, "audio"), lambda _: None, query(format=format))
