"""Hatch's hook: a wheel holds the compiled modules wherever they can be compiled."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Hatch runs this file by itself, from anywhere.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from voicebot.compiling.attempt import NotCompiledError, Wish, compile_apart


class CompilingHook(BuildHookInterface[Any]):
    """Compiles before the wheel is packed. An editable installation is to follow its source."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the extensions to ``build_data``. Raises ``NotCompiledError`` if they must be."""
        wish = Wish(os.environ.get("VOICEBOT_COMPILE", ""))
        if version == "editable" or wish is Wish.NEVER:
            return
        self._folder = tempfile.TemporaryDirectory(prefix="voicebot-compiled-")
        folder = Path(self._folder.name)
        try:
            extensions = compile_apart(folder)
        except NotCompiledError as error:
            if wish is Wish.ALWAYS:
                raise
            self.app.display_warning(f"not compiled, the source is installed:\n{error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for path in extensions:
            build_data["force_include"][str(path)] = str(path.relative_to(folder))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what was compiled: the wheel has it."""
        if self._folder is not None:
            self._folder.cleanup()
