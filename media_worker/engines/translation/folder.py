"""Which of the models in a folder are loaded, and which of them is asked first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.translation.translator import Model


def load_models(
    parent: Path, options: Mapping[str, str], languages: frozenset[str], *, device: str, compute_type: str, threads: int
) -> list[Model]:
    """In the order in which they are asked for a pair.

    The option `translation` names folders, split by commas: these, in this order, and no others. Without it all that
    are there, those for one pair before those for many, so that an OPUS-MT model added to another is asked for its
    pair; then by name. Raises EnginesNotAvailable.
    """
    named = [name.strip() for name in options.get("translation", "").split(",") if name.strip()]
    models = [
        Model.load(
            folder,
            languages,
            device=device,
            compute_type=compute_type,
            threads=threads,
            noncommercial=options.get("noncommercial") == "accepted",
        )
        for folder in _folders(parent, named)
    ]
    return models if named else sorted(models, key=lambda model: len(model.family.pairs) > 1)


def _folders(parent: Path, named: list[str]) -> list[Path]:
    there = {folder.name: folder for folder in sorted(parent.glob("*")) if (folder / "model.bin").exists()}
    for name in named:
        if name not in there:
            raise EnginesNotAvailable(f"{parent} holds no model {name!r}; it holds {', '.join(there) or 'none'}")
    return [there[name] for name in named or there]
