"""One's own model files: used where they can be, named with their setting where not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import unavailable
from voicebot.config import ModelsSettings
from voicebot.errors import ModelError, ModelMissingError
from voicebot.models.engines import KINDS
from voicebot.models.launch import check_installed
from voicebot.models.loading import build_fleet, needed
from voicebot.models.weights import PIPER_EN, SMOLLM2, WHISPER_TINY_EN, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.models.engines import Kind
    from voicebot.models.loading import AnyEngine

pytestmark = [pytest.mark.local, pytest.mark.timeout(120)]


@pytest.fixture(autouse=True)
def _installed() -> None:
    try:
        check_installed()
    except ModelMissingError as error:
        unavailable(str(error))


def engine(kind: Kind, settings: ModelsSettings) -> AnyEngine:
    """Return the engine of ``kind`` for English as ``settings`` describe it."""
    return next(iter(needed(build_fleet(settings, KINDS, Store()), {kind}, ["en"])))


def written(place: Path, **files: bytes) -> Path:
    """Return ``place`` as a folder with ``files``, an underscore standing for each dot."""
    place.mkdir()
    for name, content in files.items():
        (place / name.replace("_", ".")).write_bytes(content)
    return place


def of_piper(folder: Path) -> dict[str, Path]:
    settings = Path(f"{Store().file(PIPER_EN)}.json").read_bytes()
    return {"en": written(folder, mine_onnx=b"nonsense", mine_onnx_json=settings) / "mine.onnx"}


def with_broken_words(folder: Path) -> Path:
    """Return a copy of a good Whisper, but for the list of its words."""
    written(folder, tokenizer_json=b"nonsense")
    for file in Store().folder(WHISPER_TINY_EN).iterdir():
        if file.name != "tokenizer.json":
            (folder / file.name).symlink_to(file)
    return folder


BROKEN: list[tuple[Kind, str, Callable[[Path], ModelsSettings]]] = [
    (
        "llm",
        "models.gguf",
        lambda at: ModelsSettings(gguf=written(at, mine_gguf=b"nonsense") / "mine.gguf"),
    ),
    ("tts", "models.piper.en", lambda at: ModelsSettings(piper=of_piper(at))),
    (
        "stt",
        "models.whisper_en",
        lambda at: ModelsSettings(whisper_en=written(at, model_bin=b"nonsense")),
    ),
    ("stt", "models.whisper_en", lambda at: ModelsSettings(whisper_en=with_broken_words(at))),
]


@pytest.mark.parametrize(
    ("kind", "setting", "settings"), BROKEN, ids=["gguf", "piper", "whisper", "whisper's words"]
)
async def test_a_file_that_is_no_model_is_named_with_its_setting(
    tmp_path: Path, kind: Kind, setting: str, settings: Callable[[Path], ModelsSettings]
):
    broken = engine(kind, settings(tmp_path / "own"))

    with pytest.raises(ModelError, match=rf"correct the setting {setting}$"):
        await broken.ready()

    assert broken.state == "failed"
    broken.close()


MISSING: list[tuple[Kind, str, dict[str, object]]] = [
    ("llm", "models.gguf", {"gguf": "nowhere"}),
    ("tts", "models.piper.en", {"piper": {"en": "nowhere"}}),
    ("stt", "models.whisper_en", {"whisper_en": "nowhere"}),
]


@pytest.mark.parametrize(
    ("kind", "setting", "given"), MISSING, ids=[setting for _, setting, _ in MISSING]
)
async def test_a_file_that_is_not_there_is_named_with_its_setting(
    kind: Kind, setting: str, given: dict[str, object]
):
    missing = engine(kind, ModelsSettings.model_validate(given))

    with pytest.raises(ModelMissingError, match=rf"^nowhere: .*{setting}"):
        await missing.ready()
    missing.close()


async def test_ones_own_models_are_used_and_named_after_their_files(tmp_path: Path):
    voice, chat = tmp_path / "anna.onnx", tmp_path / "Clever-7B.gguf"
    voice.symlink_to(Store().file(PIPER_EN))
    (tmp_path / "anna.onnx.json").symlink_to(f"{Store().file(PIPER_EN)}.json")
    chat.symlink_to(Store().file(SMOLLM2))
    settings = ModelsSettings(piper={"en": voice}, gguf=chat, context=512)

    for kind, name in (("tts", "piper-anna"), ("llm", "clever-7b")):
        own = engine(kind, settings)
        await own.ready()
        assert own.name == name
        own.close()
