"""What the commands have in common: their options, and the settings that they read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.loading import load_settings
from voicebot.log import configure_logging

if TYPE_CHECKING:
    from voicebot.config import Level, Settings

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="VOICEBOT_CONFIG",
        help="Settings file (TOML); the environment (VOICEBOT_…) wins over it.",
    ),
]

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for scripts.")]


def read_settings(config: Path | None, *, level: Level | None = None) -> Settings:
    """Return the settings, with the log as they say, or at ``level``. Raises ``ConfigError``."""
    settings = load_settings(config)
    log = settings.log if level is None else settings.log.model_copy(update={"level": level})
    configure_logging(log)
    return settings
