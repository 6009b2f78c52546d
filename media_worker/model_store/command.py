"""`kallglot models …`, which is also `python -m media_worker.model_store …` where the client is not installed.

Exit codes: 0 done, 1 refused or failed (one line on stderr says why, and what to do), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from media_worker.model_store import screen, wiring
from media_worker.model_store.catalogue import CATALOGUE, PATTERNS, Entry, Wanted, entry
from media_worker.model_store.folder import Condition
from media_worker.model_store.lock import Lock
from media_worker.model_store.problems import ModelsProblem
from media_worker.model_store.sources import HUB
from media_worker.model_store.store import Terms, at_revision, elsewhere


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except (ModelsProblem, OSError) as problem:
        sys.stderr.write(f"kallglot: {' '.join(str(problem).split())}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("kallglot: interrupted; what has come is kept: pull again, it goes on from there\n")
        return 130


def _pull(options: argparse.Namespace) -> None:
    store = wiring.store(options.dir, screen.Bar(sys.stderr))
    terms = Terms(options.update, options.replace, options.accept_licence)
    if options.source == HUB:
        pulled = store.pull_from_hub(_entries(options), wiring.hub(os.environ, options.hub), terms)
    else:
        pulled = store.pull_from_bucket(wiring.bucket(options.source), options.names, terms)
    _tell(pulled, {file.path: Condition.WHOLE for file in pulled.files()}, options)


def _entries(options: argparse.Namespace) -> list[Entry]:
    if options.repo:
        if len(options.names) != 1 or not options.place:
            raise ModelsProblem("--repo pulls one model: give it a name, and its --place, as in translation/m2m100")
        wanted = [Wanted(pattern) for pattern in options.file or ["*.json", "*.bin", "*.model", "*.spm", "*.txt"]]
        wanted = [Wanted(one.pattern, optional=not options.file) for one in wanted]
        return [elsewhere(options.names[0], options.repo, options.revision or "main", options.place, wanted)]
    return [at_revision(entry(name), options.revision) for name in options.names]


def _list(options: argparse.Namespace) -> None:
    store = wiring.store(options.dir, screen.Bar(sys.stderr))
    lock = store.folder.lock() or Lock()
    conditions = store.folder.conditions(lock.files(), thorough=False)
    if options.json:
        _tell(lock, conditions, options)
        return
    rows = [_row(name, lock, conditions) for name in dict.fromkeys((*lock.models, *CATALOGUE))]
    rows += [(name, "", "", "", "") for name in PATTERNS]
    screen.table([("model", "here", "bytes", "licence", "from"), *rows])


def _row(name: str, lock: Lock, conditions: dict[str, Condition]) -> tuple[str, ...]:
    if (model := lock.models.get(name)) is not None:
        worst = _worst(lock, name, conditions)
        origin = f"{model.repo}@{(model.commit or '')[:12]}" if model.repo else "made here"
        return name, worst.value, str(model.size), model.licence, origin
    known = CATALOGUE[name]
    return name, "no", "", known.licence + ("" if known.commercial else " (not for commercial use)"), known.repo


def _verify(options: argparse.Namespace) -> int:
    store = wiring.store(options.dir, screen.Bar(sys.stderr))
    found = store.verify()
    _tell(store.folder.lock() or Lock(), found, options)
    wrong = [path for path, condition in found.items() if condition is not Condition.WHOLE]
    for path in wrong:
        sys.stderr.write(f"kallglot: {path} is {found[path]}: `kallglot models pull` fetches it again\n")
    return 1 if wrong else 0


def _lock(options: argparse.Namespace) -> None:
    store = wiring.store(options.dir, screen.Bar(sys.stderr))
    locked = store.lock_here(options.name, options.place, options.licence)
    _tell(locked, {file.path: Condition.WHOLE for file in locked.files()}, options)


def _tell(lock: Lock, conditions: dict[str, Condition], options: argparse.Namespace) -> None:
    if not options.json:
        screen.table([_row(name, lock, conditions) for name in lock.models])
        return
    told = [
        {"id": name, "condition": _worst(lock, name, conditions), **model.model_dump(exclude_none=True)}
        for name, model in lock.models.items()
    ]
    screen.document({"object": "list", "data": told})


def _worst(lock: Lock, name: str, conditions: dict[str, Condition]) -> Condition:
    found = {conditions[file.path] for file in lock.models[name].files}
    return next((bad for bad in (Condition.DAMAGED, Condition.MISSING) if bad in found), Condition.WHOLE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kallglot models", description="Models of the engines, in a folder.")
    everywhere = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    for one in (parser, everywhere):
        one.add_argument("--dir", type=Path, metavar="DIR", help="the folder (else MODELS_DIR, else ./models)")
        one.add_argument("--json", action="store_true", help="JSON on stdout")
    parser.set_defaults(dir=Path(os.environ.get("MODELS_DIR") or "models"), json=False)
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    _add_pull(verbs.add_parser("pull", parents=[everywhere], help="fetch models, or what is not whole of them"))
    for word, run, help in (
        ("list", _list, "which models there are, and which are here"),
        ("verify", _verify, "read every file and compare its checksum"),
    ):
        verbs.add_parser(word, parents=[everywhere], help=help).set_defaults(run=run)
    lock = verbs.add_parser("lock", parents=[everywhere], help="take a model into the lock that you made yourself")
    lock.set_defaults(run=_lock)
    lock.add_argument("name")
    lock.add_argument("place", help="its folder below DIR, as in translation/m2m100")
    lock.add_argument("--licence", default="not said")
    return parser


def _add_pull(pull: argparse.ArgumentParser) -> None:
    pull.set_defaults(run=_pull)
    pull.add_argument("names", nargs="*", metavar="MODEL", help="as `list` calls them; none for all that are locked")
    pull.add_argument("--from", dest="source", default=HUB, metavar="SOURCE", help="`hub`, or s3://bucket/prefix")
    pull.add_argument("--hub", metavar="URL", help="the hub's address (else HF_ENDPOINT, else huggingface.co)")
    pull.add_argument("--revision", metavar="NAME", help="a branch, tag or commit of the hub")
    pull.add_argument("--update", action="store_true", help="take what is there now in place of what is locked")
    pull.add_argument("--replace", action="store_true", help="a model may take the place of another")
    pull.add_argument("--accept-licence", default="", metavar="LICENCE", help="one that forbids commercial use")
    pull.add_argument("--repo", metavar="OWNER/NAME", help="a model that is not in the catalogue, called MODEL here")
    pull.add_argument("--place", metavar="FOLDER", help="where such a model goes, below DIR")
    pull.add_argument("--file", action="append", metavar="PATTERN", help="which of its files; may be repeated")
