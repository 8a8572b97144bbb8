"""Why a load run cannot give figures."""

from __future__ import annotations


class LoadError(Exception):
    """The message names what is missing and the way out."""
