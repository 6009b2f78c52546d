from __future__ import annotations

from pathlib import Path

import pytest

from media_worker.model_store.catalogue import entry
from media_worker.model_store.fetching import Patience
from media_worker.model_store.folder import Condition, ModelsFolder
from media_worker.model_store.hub import Hub
from media_worker.model_store.problems import ModelsProblem
from media_worker.model_store.store import ModelStore, Terms
from tests.fakes.hub import COMMIT, FakeHub

TERMS = Terms()
FILES = {
    "config.json": b"{}",
    "model.bin": b"weights " * 400,
    "tokenizer.json": b'{"a": 1}',
    "vocabulary.json": b"[]",
    "README.md": b"not needed",
}


def store(tmp_path: Path) -> ModelStore:
    return ModelStore(ModelsFolder(tmp_path), Patience(attempts=3, sleep=lambda _s: None))


def hub(fake: FakeHub, token: str | None = None) -> Hub:
    return Hub(fake.client(), "https://hub.example", token)


def pull(where: ModelStore, fake: FakeHub, name: str = "whisper-tiny", terms: Terms = TERMS) -> None:
    where.pull_from_hub([entry(name)], hub(fake), terms)


def test_a_first_pull_locks_what_came_and_makes_it_read_only(tmp_path: Path) -> None:
    where = store(tmp_path)
    pull(where, FakeHub(FILES))
    lock = where.folder.lock()
    assert lock is not None
    model = lock.models["whisper-tiny"]
    assert (model.commit, model.revision) == (COMMIT, "main")
    assert {file.path for file in model.files} == {f"recognition/{name}" for name in FILES if name != "README.md"}
    assert (tmp_path / "recognition/model.bin").read_bytes() == FILES["model.bin"]
    assert (tmp_path / "recognition/model.bin").stat().st_mode & 0o777 == 0o444
    assert set(where.verify().values()) == {Condition.WHOLE}
    assert not (tmp_path / ".parts").exists()


def test_what_broke_off_goes_on_from_there(tmp_path: Path) -> None:
    fake = FakeHub(FILES, breaks=2)
    pull(store(tmp_path), fake)
    assert (tmp_path / "recognition/model.bin").read_bytes() == FILES["model.bin"]
    assert any(asked.startswith("bytes=") for asked in fake.ranges)


def test_a_pull_that_gives_up_shows_nothing_half_and_the_next_one_goes_on(tmp_path: Path) -> None:
    where, fake = store(tmp_path), FakeHub(FILES, breaks=10_000)
    with pytest.raises(ModelsProblem, match="goes on from there"):
        pull(where, fake)
    assert not list(tmp_path.glob("recognition/*"))
    fake.breaks = 0
    pull(where, fake)
    assert set(where.verify().values()) == {Condition.WHOLE}


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_another_checksum_than_announced_is_deleted_and_said(tmp_path: Path, name: str) -> None:
    other = bytes(reversed(FILES[name]))
    with pytest.raises(ModelsProblem, match="another checksum"):
        pull(store(tmp_path), FakeHub(FILES, announced={name: other}))
    assert not (tmp_path / "recognition" / name).exists()
    assert not any(part.stat().st_size == len(other) for part in (tmp_path / ".parts").iterdir())


def test_a_locked_model_is_held_to_its_lock_and_the_hub_is_not_asked_which(tmp_path: Path) -> None:
    where = store(tmp_path)
    pull(where, FakeHub(FILES))
    changed = FakeHub({**FILES, "model.bin": b"changed " * 400})
    pull(where, changed)
    assert not changed.asked
    (tmp_path / "recognition/model.bin").unlink()
    with pytest.raises(ModelsProblem, match="another checksum"):
        pull(where, changed)
    pull(where, changed, terms=Terms(update=True))
    assert (tmp_path / "recognition/model.bin").read_bytes() == b"changed " * 400


def test_a_token_stays_with_the_hub(tmp_path: Path) -> None:
    fake = FakeHub(FILES)
    store(tmp_path).pull_from_hub([entry("whisper-tiny")], hub(fake, "hf_secret"), TERMS)
    assert fake.tokens == {"hub.example": {"Bearer hf_secret"}, "files.example": {None}}


def test_a_token_is_not_sent_without_tls() -> None:
    with pytest.raises(ModelsProblem, match="without TLS"):
        Hub(FakeHub({}).client(), "http://hub.example", "hf_secret")


@pytest.mark.parametrize("name", ["vocabulary.../../x", "vocabulary.\\x", "vocabulary.\n"])
def test_a_hostile_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelsProblem, match="refused"):
        pull(store(tmp_path / "models"), FakeHub({**FILES, name: b"x"}))
    assert not (tmp_path / "models" / "recognition").exists()


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "models" / "recognition").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelsProblem, match="leads out of"):
        pull(store(tmp_path / "models"), FakeHub(FILES))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_model_takes_the_place_of_another_only_when_told_to(tmp_path: Path) -> None:
    where = store(tmp_path)
    pull(where, FakeHub(FILES))
    base = {**FILES, "vocabulary.txt": b"a"}
    del base["vocabulary.json"]
    with pytest.raises(ModelsProblem, match="--replace"):
        pull(where, FakeHub(base), "whisper-base")
    pull(where, FakeHub(base), "whisper-base", Terms(replaces=True))
    lock = where.folder.lock()
    assert lock is not None
    assert set(lock.models) == {"whisper-base"}
    assert not (tmp_path / "recognition/vocabulary.json").exists()


def test_weights_that_forbid_business_are_pulled_only_by_who_names_their_licence(tmp_path: Path) -> None:
    with pytest.raises(ModelsProblem, match="licensed under CC-BY-NC"):
        pull(store(tmp_path), FakeHub(FILES), "nllb-200-600m")


def test_a_start_stops_at_what_is_missing_or_damaged_and_says_what_to_do(tmp_path: Path) -> None:
    where = store(tmp_path)
    pull(where, FakeHub(FILES))
    where.ready(None)
    weights = tmp_path / "recognition/model.bin"
    weights.chmod(0o644)
    weights.write_bytes(b"short")
    with pytest.raises(ModelsProblem, match=r"model.bin is damaged: `kallglot models pull`"):
        where.ready(None)
    weights.unlink()
    with pytest.raises(ModelsProblem, match=r"model.bin is missing: `kallglot models pull`"):
        where.ready(None)
    where.ready(hub(FakeHub(FILES)))
    assert weights.read_bytes() == FILES["model.bin"]


def test_a_start_reads_nothing_that_was_found_whole_and_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = store(tmp_path)
    pull(where, FakeHub(FILES))
    monkeypatch.setattr("media_worker.model_store.folder.digest", lambda *_: pytest.fail("read"))
    where.ready(None)


def test_a_start_decides_on_no_versions(tmp_path: Path) -> None:
    store(tmp_path).ready(None)
    with pytest.raises(ModelsProblem, match="does not choose versions"):
        store(tmp_path).ready(hub(FakeHub(FILES)))


def test_two_do_not_pull_into_one_folder(tmp_path: Path) -> None:
    where = store(tmp_path)
    with where.folder.at_work(), pytest.raises(ModelsProblem, match="somebody else"):
        pull(where, FakeHub(FILES))


def test_a_full_disk_is_said_before_anything_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 1000})())
    fake = FakeHub(FILES)
    with pytest.raises(ModelsProblem, match="has room for 1,000 bytes"):
        pull(store(tmp_path), fake)
    assert len(fake.asked) == 1


def test_a_model_of_ones_own_is_locked_as_it_is(tmp_path: Path) -> None:
    where = store(tmp_path)
    (tmp_path / "translation/m2m100").mkdir(parents=True)
    (tmp_path / "translation/m2m100/model.bin").write_bytes(b"mine")
    where.lock_here("mine", "translation/m2m100", "MIT")
    assert set(where.verify().values()) == {Condition.WHOLE}
    (tmp_path / "translation/m2m100/model.bin").write_bytes(b"mini")
    assert where.verify() == {"translation/m2m100/model.bin": Condition.DAMAGED}
