"""What the main program and the model process say to each other through the pipes."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

# Pydantic reads these annotations when the program runs.
from voicebot.config import ModelsSettings  # noqa: TC001
from voicebot.errors import ModelMissingError
from voicebot.models.engines import KINDS, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the extra ``local`` installs, for each kind of model.
_PACKAGES: Mapping[Kind, tuple[str, ...]] = {
    "stt": ("av", "ctranslate2", "tokenizers"),
    "llm": ("xllamacpp",),
    "tts": ("piper", "onnxruntime"),
}


def check_installed(which: frozenset[Kind] = KINDS) -> None:
    """Raise ``ModelMissingError`` where the extra ``local`` is not installed."""
    # The server of any kind reads audio files with the first of them.
    packages = ("av", *(name for kind in sorted(which) for name in _PACKAGES[kind]))
    missing = [name for name in dict.fromkeys(packages) if find_spec(name) is None]
    if missing:
        raise ModelMissingError(
            f"local models need the extra 'local' ({', '.join(missing)} not found): pip install "
            "'voicebot[local]', or build the image with --build-arg EXTRAS=local. Without them set "
            "OPENAI_API_KEY, or stt.base_url and tts.base_url of any OpenAI-compatible server"
        )


class Order(BaseModel):
    """What the model process is to serve: one JSON line on its standard input."""

    settings: ModelsSettings
    which: frozenset[Kind] = KINDS
    languages: frozenset[str] = frozenset({"en"})


class Report(BaseModel):
    """One JSON line on the model process's standard output.

    ``loaded`` comes once for each model, then ``ready`` with the base URL; or ``failed`` with the
    name of a ``ModelError`` class and its message.
    """

    event: Literal["loaded", "ready", "failed"]
    model: str | None = None
    loaded: int = 0
    total: int = 0
    base_url: str | None = None
    error: str | None = None
    message: str | None = None
