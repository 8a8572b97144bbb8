"""Reads the settings: defaults, a TOML file over them, the environment over both.

``VOICEBOT_ARI__URL`` in the environment is ``url`` under ``[ari]`` in the file. A key or a value
that does not fit is named with its place, before anything is touched.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from voicebot.config import PREFIX, Settings
from voicebot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OTHER_VARIABLES = frozenset({"VOICEBOT_CONFIG"})
"""Variables with the prefix that are not settings: the command line's own."""


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings from ``path`` (TOML), if any, and the environment.

    Raises ``ConfigError`` that names the file or variable, the key and what is wrong with it; all
    mistakes are named at once.
    """
    content = _read_toml(path) if path is not None else {}
    _refuse_unknown_variables(os.environ)
    try:
        return Settings(**content)
    except ValidationError as error:
        lines = [_explain(dict(problem), path, content) for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({error}); name an existing file with --config"
        raise ConfigError(message) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted(environ):
        if not name.upper().startswith(PREFIX) or name.upper() in OTHER_VARIABLES:
            continue
        section, _, key = name.upper().removeprefix(PREFIX).partition("__")
        if PREFIX + section not in known or not key:
            hint = _nearest(PREFIX + section, known)
            raise ConfigError(f"environment variable {name}: no such section{hint}")


def _explain(problem: dict[str, Any], path: Path | None, content: dict[str, Any]) -> str:
    keys = [str(key) for key in problem["loc"]]
    variable = PREFIX + "__".join(key.upper() for key in keys)
    if any(name.upper() == variable for name in os.environ):
        place = f"environment variable {variable}"
    elif path is not None and keys and keys[0] in content:
        place = f"{path}: {'.'.join(keys)}"
    else:
        place = ".".join(keys)
    if problem["type"] == "extra_forbidden":
        return f"{place}: no such key{_nearest(keys[-1], _keys_of(keys[:-1]))}"
    reason = problem["msg"].removeprefix("Value error, ")
    secret = any(word in keys[-1] for word in ("password", "key", "secret"))
    # A database's URL carries a password.
    secret = secret or keys == ["records", "url"]
    shown = "" if secret else f" (it is {problem['input']!r})"
    return f"{place}: {reason}{shown}"


def _keys_of(section: list[str]) -> set[str]:
    if not section:
        return set(Settings.model_fields)
    field = Settings.model_fields.get(section[0])
    model = field.annotation if field is not None else None
    return (
        set(model.model_fields)
        if isinstance(model, type) and issubclass(model, BaseModel)
        else set()
    )


def _nearest(key: str, known: set[str]) -> str:
    near = difflib.get_close_matches(key, sorted(known), n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known are {', '.join(sorted(known))}" if known else ""
