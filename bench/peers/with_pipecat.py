"""pipecat on the feed. Runs in pipecat's own environment, where nothing of voicebot is."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import webrtcvad
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADState
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    OutputAudioRawFrame,
    StartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner

from bench.peers.feed import run
from bench.peers.scenario import ANSWER, SAMPLE_RATE, UNDERSTOOD, Recogniser

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from pipecat.processors.frame_processor import FrameDirection

    from bench.peers.scenario import Call, Order

VAD_MODE = 3


class CheapVad(VADAnalyzer):
    """webrtcvad in frames of 20 ms, on the event loop: a thread would cost more than it does."""

    def __init__(self) -> None:
        super().__init__(sample_rate=SAMPLE_RATE)
        self._vad = webrtcvad.Vad(VAD_MODE)

    def num_frames_required(self) -> int:
        """Return the samples of one decision."""
        return 320

    def voice_confidence(self, buffer: bytes) -> float:
        """Return 1 for speech and 0 for anything else."""
        return float(self._vad.is_speech(buffer, SAMPLE_RATE))

    async def analyze_audio(self, buffer: bytes) -> VADState:
        """Return the state after ``buffer``."""
        return self._run_analyzer(buffer)


class Input(BaseInputTransport):
    """The caller's frames, from a queue that the feed fills."""

    def __init__(self, params: TransportParams) -> None:
        super().__init__(params)
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.ready = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    async def start(self, frame: StartFrame) -> None:
        """Begin to read."""
        await super().start(frame)
        self._reader = self.create_task(self._read())
        await self.set_transport_ready(frame)
        self.ready.set()

    async def _read(self) -> None:
        while True:
            audio = await self.queue.get()
            await self.push_audio_frame(InputAudioRawFrame(audio, SAMPLE_RATE, 1))


class Output(BaseOutputTransport):
    """The bot's chunks, taken at the pace at which a line would play them."""

    def __init__(self, params: TransportParams, call: Call) -> None:
        super().__init__(params)
        self._call = call
        self._due = 0.0

    async def start(self, frame: StartFrame) -> None:
        """Begin to take chunks."""
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        """Take a chunk; return when the next one is due."""
        now = time.monotonic()
        length = len(frame.audio) / 2 / SAMPLE_RATE
        # What falls behind for longer than a chunk begins a new grid, and is not played in a rush.
        place = self._due if now - self._due < length else now
        self._call.hear(len(frame.audio), now, place)
        self._due = place + length
        await asyncio.sleep(self._due - time.monotonic())
        return True


class Stt(STTService):
    """Has the transcript, final, with the last sample of an utterance."""

    def __init__(self, recogniser: Recogniser) -> None:
        super().__init__(ttfs_p99_latency=0.0, settings=STTSettings(model="none", language=None))
        self._recogniser = recogniser

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Yield the transcript when an utterance is over."""
        if self._recogniser.ended(len(audio) // 2):
            yield TranscriptionFrame(UNDERSTOOD, "", "", finalized=True)


class Llm(LLMService):
    """Gives the same answer each time, at once."""

    def __init__(self) -> None:
        unset = dict.fromkeys(field.name for field in fields(LLMSettings))
        super().__init__(settings=LLMSettings(**unset | {"model": "none", "extra": {}}))

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer the context; let everything else pass."""
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMContextFrame):
            await self.push_frame(LLMFullResponseStartFrame())
            await self.push_frame(LLMTextFrame(ANSWER))
            await self.push_frame(LLMFullResponseEndFrame())
        else:
            await self.push_frame(frame, direction)


class Tts(TTSService):
    """Speaks the answer, all of it at once."""

    def __init__(self, reply: bytes) -> None:
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            sample_rate=SAMPLE_RATE,
            settings=TTSSettings(model="none", voice="none", language=None),
        )
        self._reply = reply

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Yield the speech."""
        del text
        yield TTSAudioRawFrame(self._reply, SAMPLE_RATE, 1, context_id=context_id)


class Bots:
    """One pipeline for each call, in one runner."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._reply = Path(order.reply).read_bytes()
        self._runner = WorkerRunner(handle_sigint=False)
        self._running: asyncio.Task[None] | None = None

    async def answer(self, call: Call) -> Callable[[bytes], None]:
        """Build a pipeline and start it."""
        params = TransportParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            audio_in_sample_rate=SAMPLE_RATE,
            audio_out_sample_rate=SAMPLE_RATE,
        )
        source, sink = Input(params), Output(params, call)
        user, assistant = LLMContextAggregatorPair(LLMContext(), user_params=self._listening())
        pipeline = Pipeline(
            [
                source,
                Stt(Recogniser(self._order, call)),
                user,
                Llm(),
                Tts(self._reply),
                sink,
                assistant,
            ]
        )
        worker = PipelineWorker(
            pipeline,
            params=PipelineParams(
                audio_in_sample_rate=SAMPLE_RATE, audio_out_sample_rate=SAMPLE_RATE
            ),
            cancel_on_idle_timeout=False,
        )
        await self._runner.add_workers(worker)
        if self._running is None:
            self._running = asyncio.create_task(self._runner.run())
        await source.ready.wait()
        return source.queue.put_nowait

    def _listening(self) -> LLMUserAggregatorParams:
        if not self._order.cheap:
            return LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
        return LLMUserAggregatorParams(
            vad_analyzer=CheapVad(),
            user_turn_strategies=UserTurnStrategies(
                stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.0)]
            ),
        )


async def serve(order: Order) -> Bots:
    """Return the bots, ready for calls."""
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    return Bots(order)


if __name__ == "__main__":
    run(serve)
