"""The folder of models that `build` makes and the recogniser reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "es")
DEFAULT_FOLDER = Path(".local/models/embedded")


@dataclass(frozen=True)
class ModelFolder:
    path: Path

    @property
    def stamp(self) -> Path:
        """Holds the hash of everything the folder was built from; written last."""
        return self.path / "stamp"

    @property
    def bandwidth(self) -> Path:
        return self.path / "bandwidth.npz"

    def normalisation(self, language: str) -> Path:
        """The cepstral mean that a leg starts from, thirteen numbers on a line."""
        return self.path / f"{language}.cmn"

    def language_model(self, language: str) -> Path:
        return self.path / f"{language}.arpa"

    def dictionary(self, language: str) -> Path:
        return self.path / f"{language}.dict"
