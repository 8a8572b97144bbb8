"""``python -m voicebot``."""

from __future__ import annotations

from voicebot.cli import main

main()
