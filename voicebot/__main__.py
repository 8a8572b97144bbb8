"""The command ``voicebot``, also as ``python -m voicebot``."""

from __future__ import annotations

from voicebot import signals


def main() -> None:
    """Run the command line; a signal ends it cleanly while it is still being loaded, too."""
    signals.end_when_told()
    # Takes up to a second, and on a busy machine several.
    from voicebot import cli  # noqa: PLC0415

    cli.main()


if __name__ == "__main__":
    main()
