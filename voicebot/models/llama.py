"""Chat completions with llama.cpp, in this process, through xllamacpp."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import xllamacpp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from voicebot.models.seams import Chunk

PARALLEL = 4
"""Completions at once; they share the context's memory."""

_INVALID = "invalid_request_error"


class Llama:
    """A GGUF file with its own chat template."""

    def __init__(self, path: Path, *, name: str, threads: int, context: int) -> None:
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.model_alias = {name}
        params.n_ctx = context
        params.n_parallel = PARALLEL
        params.kv_unified = True
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.use_jinja = True
        params.ui = False
        params.verbosity = 0
        params.warmup = True
        self._server = xllamacpp.Server(params)
        # Never freed, not by the end of the process either: taking it down holds the interpreter
        # and waits for a thread, for ever where that has not come to its first request yet.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._server))

    def complete(self, request: Mapping[str, Any], deliver: Callable[[Chunk], bool]) -> None:
        """Answer ``request``; a mistake in it is delivered as an error."""
        try:
            self._server.handle_chat_completions(dict(request), deliver)
        except ValueError as error:
            deliver({"error": {"code": 400, "message": str(error), "type": _INVALID}})
