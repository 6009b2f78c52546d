import json
from pathlib import Path

import pytest

from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.voices.piper_voices import voices_in

KNOWN = frozenset({"de", "no", "zh"})


def write(folder: Path, name: str, description: object) -> None:
    (folder / f"{name}.onnx").touch()
    (folder / f"{name}.onnx.json").write_text(json.dumps(description))


def test_a_voice_has_its_name_from_its_file_and_its_language_from_its_description(tmp_path: Path) -> None:
    write(tmp_path, "de_DE-thorsten-medium", {"audio": {"sample_rate": 22050}, "language": {"family": "de"}})
    write(tmp_path, "no_NO-talesyntese-medium", {"audio": {"sample_rate": 22050}, "language": {"family": "nb"}})
    write(tmp_path, "de_DE-eva_k-x_low", {"audio": {"sample_rate": 16000}})
    found = [(voice.name, voice.language, voice.rate_hz) for voice in voices_in(tmp_path, KNOWN)]
    assert found == [
        ("de_DE-eva_k-x_low", "de", 16000),
        ("de_DE-thorsten-medium", "de", 22050),
        ("no_NO-talesyntese-medium", "no", 22050),
    ]


def test_a_voice_is_called_by_its_name_or_its_speakers(tmp_path: Path) -> None:
    write(tmp_path, "de_DE-thorsten-medium", {"audio": {"sample_rate": 22050}})
    write(tmp_path, "de_own", {"audio": {"sample_rate": 22050}})
    thorsten, own = voices_in(tmp_path, KNOWN)
    assert [thorsten.is_called(name) for name in ("de_DE-thorsten-medium", "thorsten", "de_DE", "medium", "")] == [
        *(True, True),
        *(False, False, False),
    ]
    assert [own.is_called(name) for name in ("de_own", "own")] == [True, False]


def test_a_voice_of_a_language_that_the_product_lacks_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "lb_LU-marylux-medium", {"audio": {"sample_rate": 22050}, "language": {"family": "lb"}})
    assert voices_in(tmp_path, KNOWN) == ()
    assert voices_in(tmp_path / "nowhere", KNOWN) == ()


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("{", "damaged"),
        ("{}", r"audio\)"),
        ('{"audio": {"sample_rate": 0}}', r"audio\.sample_rate"),
        ('{"audio": {"sample_rate": 22050}, "phoneme_type": "pinyin"}', "phoneme_type"),
    ],
)
def test_a_description_that_is_damaged_or_of_another_kind_is_named(tmp_path: Path, description: str, said: str) -> None:
    (tmp_path / "de_DE-eva-low.onnx").touch()
    beside = tmp_path / "de_DE-eva-low.onnx.json"
    beside.write_text(description)
    with pytest.raises(EnginesNotAvailable, match=rf"eva-low\.onnx\.json.*{said}"):
        voices_in(tmp_path, KNOWN)
    beside.unlink()
    with pytest.raises(EnginesNotAvailable, match=r"eva-low\.onnx\.json is missing"):
        voices_in(tmp_path, KNOWN)
