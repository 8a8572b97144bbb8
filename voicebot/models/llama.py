"""Chat completions with llama.cpp, in this process, through xllamacpp."""

from __future__ import annotations

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

    def complete(self, request: Mapping[str, Any], deliver: Callable[[Chunk], bool]) -> None:
        """Answer ``request``; a mistake in it is delivered as an error."""
        try:
            self._server.handle_chat_completions(dict(request), deliver)
        except ValueError as error:
            deliver({"error": {"code": 400, "message": str(error), "type": _INVALID}})
