"""The models of this process: each with its lane, loaded when it is needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from voicebot.errors import ModelError
from voicebot.models.lane import Lane

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.models.seams import ChatModel, Hearer, Recogniser, Synthesiser

# Who needs less of a model is served by one that can do more.
M_co = TypeVar("M_co", covariant=True)
T = TypeVar("T")

Kind: TypeAlias = Literal["stt", "llm", "tts"]
KINDS: frozenset[Kind] = frozenset({"stt", "llm", "tts"})

State: TypeAlias = Literal["idle", "loading", "ready", "failed"]


class Engine(Generic[M_co]):
    """One model. ``load`` runs in the model's own thread, and again after it failed.

    ``setting`` is the one that names its file, where that is the user's own.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        load: Callable[[], M_co],
        *,
        workers: int = 1,
        setting: str | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.error: str | None = None
        self._load = load
        self._setting = setting
        self._lane = Lane(name, workers=workers)
        self._model: M_co | None = None
        self._loading: asyncio.Lock = asyncio.Lock()

    @property
    def state(self) -> State:
        """Whether the model can answer now."""
        if self._model is not None:
            return "ready"
        if self._loading.locked():
            return "loading"
        return "failed" if self.error else "idle"

    async def ready(self) -> M_co:
        """Return the model, loading it first where that was not done. Raises ``ModelError``."""
        async with self._loading:
            if self._model is None:
                self._model = await self._loaded()
            return self._model

    async def run(self, job: Callable[[M_co], T]) -> T:
        """Return what ``job`` makes of the model, in the order of the requests.

        Raises ``ModelError`` and ``LaneFullError``. A job whose waiter is cancelled is not begun.
        """
        model = self._model if self._model is not None else await self.ready()
        return await self._lane.run(job, model)

    def close(self) -> None:
        """Begin no further job."""
        self._lane.close()

    async def _loaded(self) -> M_co:
        try:
            model = await self._lane.run(self._load)
        except ModelError as error:
            self.error = str(error)
            raise
        except Exception as error:
            # Whatever the libraries raise about a file that they cannot use: no two of them agree.
            advice = f"; correct the setting {self._setting}" if self._setting else ""
            self.error = f"{self.name}: {error}{advice}"
            raise ModelError(self.error) from error
        self.error = None
        return model


AnyEngine: TypeAlias = (
    "Engine[Hearer] | Engine[Recogniser] | Engine[Synthesiser] | Engine[ChatModel]"
)
