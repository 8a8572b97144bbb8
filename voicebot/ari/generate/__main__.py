"""``python -m voicebot.ari.generate FOLDER``."""

from __future__ import annotations

import sys

from voicebot.ari.generate import main

sys.exit(main(sys.argv[1:]))
