"""livekit-agents on the feed. Runs in its own environment, where nothing of voicebot is."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import webrtcvad
from livekit import rtc
from livekit.agents import (
    Agent,
    AgentSession,
    LanguageCode,
    TurnHandlingOptions,
    llm,
    stt,
    tts,
    vad,
)
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.agents.voice.io import AudioInput, AudioOutput, AudioOutputCapabilities

from bench.peers.feed import run
from bench.peers.scenario import (
    ANSWER,
    FRAME_BYTES,
    FRAME_SAMPLES,
    FRAME_SECONDS,
    SAMPLE_RATE,
    UNDERSTOOD,
    Recogniser,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.peers.scenario import Call, Order

VAD_MODE = 3
LEAST_SPEECH_S, LEAST_SILENCE_S = 0.05, 0.25
"""What the bundled Silero takes for the beginning and for the end of speech."""


class CheapVad(vad.VAD):
    """webrtcvad in frames of 20 ms, on the event loop: a thread would cost more than it does."""

    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=FRAME_SECONDS))

    @property
    def min_silence_duration(self) -> float:
        """Return the silence that ends speech, in seconds."""
        return LEAST_SILENCE_S

    def stream(self) -> vad.VADStream:
        """Return a detector for one call."""
        return CheapVadStream(self)


class CheapVadStream(vad.VADStream):
    """One call's detector. The frames come as the feed gives them, 20 ms each."""

    async def _main_task(self) -> None:
        detector = webrtcvad.Vad(VAD_MODE)
        speaking, voiced, silent, index = False, 0.0, 0.0, 0
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                speaking, voiced, silent = False, 0.0, 0.0
                continue
            index += frame.samples_per_channel
            if detector.is_speech(bytes(frame.data), SAMPLE_RATE):
                voiced, silent = voiced + FRAME_SECONDS, 0.0
            else:
                silent += FRAME_SECONDS
                voiced = voiced if speaking else 0.0
            kinds = [vad.VADEventType.INFERENCE_DONE]
            if not speaking and voiced >= LEAST_SPEECH_S:
                speaking = True
                kinds.append(vad.VADEventType.START_OF_SPEECH)
            elif speaking and silent >= LEAST_SILENCE_S:
                speaking = False
                kinds.append(vad.VADEventType.END_OF_SPEECH)
            for kind in kinds:
                event = vad.VADEvent(
                    type=kind,
                    samples_index=index,
                    timestamp=index / SAMPLE_RATE,
                    speech_duration=voiced,
                    silence_duration=silent,
                    frames=[frame],
                    speaking=speaking,
                    probability=float(not silent),
                    raw_accumulated_silence=silent,
                    raw_accumulated_speech=0.0 if silent else voiced,
                )
                self._event_ch.send_nowait(event)
            if not speaking and silent:
                voiced = 0.0


class Stt(stt.STT):
    """Has the transcript, final, with the last sample of an utterance."""

    def __init__(self, order: Order, call: Call) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))
        self._recogniser = Recogniser(order, call)

    def stream(self, **options: Any) -> stt.RecognizeStream:
        """Return the call's recogniser."""
        connect = options.get("conn_options", DEFAULT_API_CONNECT_OPTIONS)
        return SttStream(stt=self, conn_options=connect, recogniser=self._recogniser)

    async def _recognize_impl(self, *_: object, **__: object) -> stt.SpeechEvent:
        raise NotImplementedError


class SttStream(stt.RecognizeStream):
    """One call's recogniser."""

    def __init__(self, *, recogniser: Recogniser, **options: Any) -> None:
        super().__init__(**options)
        self._recogniser = recogniser

    async def _run(self) -> None:
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame) and self._recogniser.ended(
                frame.samples_per_channel
            ):
                words = stt.SpeechData(text=UNDERSTOOD, language=LanguageCode("en"))
                kind = stt.SpeechEventType.FINAL_TRANSCRIPT
                self._event_ch.send_nowait(stt.SpeechEvent(type=kind, alternatives=[words]))


class Llm(llm.LLM):
    """Gives the same answer each time, at once."""

    def chat(self, **options: Any) -> llm.LLMStream:
        """Return the answer."""
        return LlmStream(
            self,
            chat_ctx=options["chat_ctx"],
            tools=options.get("tools") or [],
            conn_options=options.get("conn_options", DEFAULT_API_CONNECT_OPTIONS),
        )


class LlmStream(llm.LLMStream):
    """One answer."""

    async def _run(self) -> None:
        delta = llm.ChoiceDelta(role="assistant", content=ANSWER)
        self._event_ch.send_nowait(llm.ChatChunk(id="answer", delta=delta))


class Tts(tts.TTS):
    """Speaks the answer, all of it at once."""

    def __init__(self, reply: bytes) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True),
            sample_rate=SAMPLE_RATE,
            num_channels=1,
        )
        self.reply = reply

    def synthesize(self, text: str, **_: object) -> tts.ChunkedStream:
        """Refuse: the session streams."""
        raise NotImplementedError(text)

    def stream(self, **options: Any) -> tts.SynthesizeStream:
        """Return the speech of one answer."""
        connect = options.get("conn_options", DEFAULT_API_CONNECT_OPTIONS)
        return TtsStream(tts=self, conn_options=connect)


class TtsStream(tts.SynthesizeStream):
    """The speech of one answer."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id="answer",
            sample_rate=SAMPLE_RATE,
            num_channels=1,
            mime_type="audio/pcm",
            stream=True,
        )
        begun = False
        async for data in self._input_ch:
            if isinstance(data, str) and not begun:
                begun = True
                self._mark_started()
                output_emitter.start_segment(segment_id="answer")
                output_emitter.push(self._tts.reply)
        if begun:
            output_emitter.end_segment()


class Ear(AudioInput):
    """The caller's frames, from a queue that the feed fills."""

    def __init__(self) -> None:
        super().__init__(label="feed")
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()

    def take(self, frame: bytes) -> None:
        """Take a frame of the feed's."""
        self._queue.put_nowait(frame)

    async def __anext__(self) -> rtc.AudioFrame:
        return rtc.AudioFrame(await self._queue.get(), SAMPLE_RATE, 1, FRAME_SAMPLES)


class Mouth(AudioOutput):
    """What the session hands over, played 20 ms at a time by a ``Player``."""

    def __init__(self, call: Call) -> None:
        super().__init__(
            label="call",
            capabilities=AudioOutputCapabilities(pause=True),
            sample_rate=SAMPLE_RATE,
        )
        self._call = call
        self._waiting = bytearray()
        self._played = 0
        self._whole = True
        self._paused = False

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Take audio, of any length and faster than it is played."""
        await super().capture_frame(frame)
        self._whole = False
        self._waiting += bytes(frame.data)

    def flush(self) -> None:
        """Note that the segment is whole."""
        super().flush()
        self._whole = True

    def clear_buffer(self) -> None:
        """Forget what was not played."""
        if self._waiting or self._played:
            self._finish(interrupted=True)

    def pause(self) -> None:
        """Stand still."""
        super().pause()
        self._paused = True

    def resume(self) -> None:
        """Go on."""
        super().resume()
        self._paused = False

    def play(self, place: float) -> None:
        """Play the next 20 ms, due at ``place`` of the player's grid."""
        if self._paused or not self._waiting:
            return
        if not self._played:
            self.on_playback_started(created_at=time.time())
        piece = bytes(self._waiting[:FRAME_BYTES])
        del self._waiting[:FRAME_BYTES]
        self._played += len(piece)
        self._call.hear(len(piece), time.monotonic(), place)
        if self._whole and not self._waiting:
            self._finish(interrupted=False)

    def _finish(self, *, interrupted: bool) -> None:
        position = self._played / 2 / SAMPLE_RATE
        self._waiting.clear()
        self._played = 0
        self.on_playback_finished(playback_position=position, interrupted=interrupted)


class Player:
    """One clock for all calls, each 20 ms against absolute deadlines; after a stall it skips."""

    def __init__(self) -> None:
        self.mouths: list[Mouth] = []

    async def run(self) -> None:
        """Play until cancelled."""
        origin, tick = time.monotonic(), 0
        while True:
            tick = max(tick + 1, int((time.monotonic() - origin) / FRAME_SECONDS))
            await asyncio.sleep(max(0.0, origin + tick * FRAME_SECONDS - time.monotonic()))
            for mouth in self.mouths:
                mouth.play(tick * FRAME_SECONDS)


class Sessions:
    """One session for each call."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._reply = Path(order.reply).read_bytes()
        self._player = Player()
        self._playing = asyncio.create_task(self._player.run())
        self._sessions: list[AgentSession] = []

    async def answer(self, call: Call) -> Callable[[bytes], None]:
        """Start a session."""
        cheap: dict[str, Any] = {
            "vad": CheapVad(),
            "turn_handling": TurnHandlingOptions(
                turn_detection="vad", endpointing={"min_delay": 0.3, "max_delay": 0.3}
            ),
        }
        session = AgentSession(
            stt=Stt(self._order, call),
            llm=Llm(),
            tts=Tts(self._reply),
            aec_warmup_duration=None,
            **(cheap if self._order.cheap else {}),
        )
        ear, mouth = Ear(), Mouth(call)
        session.input.audio, session.output.audio = ear, mouth
        await session.start(Agent(instructions="Be brief."))
        self._player.mouths.append(mouth)
        self._sessions.append(session)
        return ear.take


async def serve(order: Order) -> Sessions:
    """Return the sessions, ready for calls."""
    logging.basicConfig(level=logging.WARNING)
    return Sessions(order)


if __name__ == "__main__":
    run(serve)
