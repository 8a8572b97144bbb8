"""How the simulated PBX says no."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer of the protocol, and it never leaves the simulator
    """A request is answered with an HTTP error, in Asterisk's own words.

    ``key`` is the name of the JSON field that carries them: nearly always ``message``.
    """

    def __init__(self, status: int, message: str, *, key: str = "message") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.key = key


def internal_error() -> Refusal:
    """Return what Asterisk 22 answers when an externalMedia channel cannot be made."""
    return Refusal(500, "An internal error prevented this request from being handled")


def allocation_failed() -> Refusal:
    """Return what Asterisk 22 answers when the channel technology refuses to dial."""
    return Refusal(500, "Allocation failed", key="error")
