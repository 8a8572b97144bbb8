"""Speech through the OpenAI API: what is asked, what is made of the answer, how it fails."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from tests.speech.fake_openai import (
    Canned,
    FakeOpenAi,
    error,
    events,
    pcm24,
    speaks,
    transcribes,
    wav_file,
)
from voicebot.errors import (
    ProviderBusyError,
    ProviderError,
    ProviderFailedError,
    ProviderProtocolError,
    ProviderRefusedError,
    ProviderTimeoutError,
)
from voicebot.media.audio import SAMPLE_RATE, samples, seconds
from voicebot.speech.openai import OpenAiSpeechToText, OpenAiTextToSpeech, openai_client
from voicebot.speech.protocols import SpokenWord, Transcript, audio
from voicebot.speech.requests import Patience

if TYPE_CHECKING:
    from voicebot.media.audio import Pcm

KEY = "sk-very-secret"
# A machine that stands still for a moment is no fault of the provider.
ONCE = Patience(first_s=10, gap_s=10, retries=0)
HASTY = Patience(first_s=0.3, gap_s=0.2, retries=0)
SPOKEN = bytes(2 * SAMPLE_RATE)


def recogniser(server: FakeOpenAi, patience: Patience = ONCE, **how: Any) -> OpenAiSpeechToText:
    return OpenAiSpeechToText(server.client(KEY), model="whisper-1", patience=patience, **how)


def voice(
    server: FakeOpenAi, patience: Patience = ONCE, provider: str = "openai"
) -> OpenAiTextToSpeech:
    return OpenAiTextToSpeech(
        server.client(KEY),
        model="tts-1",
        voice="alloy",
        provider=provider,
        patience=patience,
    )


async def speech(tts: OpenAiTextToSpeech, text: str = "Hello.") -> Pcm:
    return b"".join([part async for part in audio(tts.synthesise(text, language="en"))])


def spoken(length_s: float, *words: object) -> str:
    """The data of an event with so much speech."""
    data = base64.b64encode(pcm24(length_s)).decode()
    told = {"words": words} if words else {}
    return json.dumps({"type": "speech.audio.delta", "audio": data, **told})


FAULTS = [
    pytest.param(error(401, f"Incorrect API key: {KEY}"), ProviderRefusedError, id="401"),
    pytest.param(error(403), ProviderRefusedError, id="403"),
    pytest.param(error(404, "no such model"), ProviderProtocolError, id="404"),
    pytest.param(error(429), ProviderBusyError, id="429"),
    pytest.param(error(500), ProviderFailedError, id="500"),
    pytest.param(Canned((b"<html>",), 502, "text/html"), ProviderFailedError, id="502 of a proxy"),
    pytest.param(Canned(wait_s=5), ProviderTimeoutError, id="nothing comes"),
    pytest.param(Canned((b"{",), cut=True), ProviderFailedError, id="connection breaks"),
]


class TestTranscription:
    async def test_the_speech_is_sent_as_wav_in_its_language(self, openai_server: FakeOpenAi):
        openai_server.transcriptions.append(transcribes(" Good morning. "))

        transcript = await recogniser(openai_server).transcribe(SPOKEN, language="en")

        assert transcript.text == "Good morning."
        assert transcript.language == "en"
        body = openai_server.requests[0].body
        assert body["language"] == "en"
        assert body["model"] == "whisper-1"
        with wave.open(io.BytesIO(body["file"])) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
            assert file.readframes(10**6) == SPOKEN

    async def test_names_can_be_hinted_at(self, openai_server: FakeOpenAi):
        await recogniser(openai_server, hint="Peterson").transcribe(SPOKEN, language="en")

        assert openai_server.requests[0].body["prompt"] == "Peterson"

    async def test_what_is_likely_to_be_said_is_hinted_at_too(self, openai_server: FakeOpenAi):
        stt = recogniser(openai_server, hint="Peterson")
        await stt.transcribe(SPOKEN, language="en", hint="Uh-huh. Stop.")

        assert openai_server.requests[0].body["prompt"] == "Peterson Uh-huh. Stop."

    async def test_no_hint_is_not_sent(self, openai_server: FakeOpenAi):
        await recogniser(openai_server).transcribe(SPOKEN, language="en")

        assert "prompt" not in openai_server.requests[0].body

    async def test_no_audio_needs_no_request(self, openai_server: FakeOpenAi):
        transcript = await recogniser(openai_server).transcribe(b"", language="ru")

        assert transcript.text == ""
        assert openai_server.requests == []

    async def test_speech_without_words_is_an_empty_text(self, openai_server: FakeOpenAi):
        openai_server.transcriptions.append(transcribes(""))

        assert (await recogniser(openai_server).transcribe(SPOKEN, language="en")).text == ""

    @pytest.mark.parametrize(("fault", "expected"), FAULTS)
    async def test_each_fault_is_told_apart(
        self, openai_server: FakeOpenAi, fault: Canned, expected: type[ProviderError]
    ):
        openai_server.transcriptions.append(fault)

        patience = HASTY if expected is ProviderTimeoutError else ONCE
        with pytest.raises(expected) as raised:
            await recogniser(openai_server, patience).transcribe(SPOKEN, language="en")

        assert raised.value.stage == "stt"
        assert KEY not in str(raised.value)

    @pytest.mark.parametrize(
        "body", [b"not json", b"{}", b'{"text": 7}', b'{"text": null}', b"[]", b"\xff\xfe", b""]
    )
    async def test_an_answer_without_text_is_a_protocol_error(
        self, openai_server: FakeOpenAi, body: bytes
    ):
        openai_server.transcriptions.append(Canned((body,) if body else ()))

        with pytest.raises(ProviderProtocolError):
            await recogniser(openai_server).transcribe(SPOKEN, language="en")

    async def test_a_server_that_is_not_there_failed(self):
        async with openai_client("http://127.0.0.1:1/v1", KEY) as client:
            stt = OpenAiSpeechToText(client, model="m", patience=ONCE)

            with pytest.raises(ProviderFailedError, match=r"check stt\.base_url"):
                await stt.transcribe(SPOKEN, language="en")


class TestWords:
    VERBOSE: ClassVar[dict[str, Any]] = {
        "task": "transcribe",
        "language": "english",
        "duration": 1.0,
        "words": [
            {"word": "Good", "start": 0.1, "end": 0.3},
            {"word": "morning", "start": 0.35, "end": 0.9},
        ],
        "segments": [
            {"id": 0, "text": "Good morning.", "avg_logprob": -0.1, "no_speech_prob": 0.2}
        ],
    }

    async def test_words_are_asked_for_and_come_with_their_samples(self, openai_server: FakeOpenAi):
        openai_server.transcriptions.append(transcribes("Good morning.", **self.VERBOSE))

        transcript = await recogniser(openai_server, words=True).transcribe(SPOKEN, language="en")

        body = openai_server.requests[0].body
        assert body["response_format"] == "verbose_json"
        assert body["timestamp_granularities"] == ["word", "segment"]
        assert transcript.words == (
            SpokenWord("Good", 1600, 4800),
            SpokenWord("morning", 5600, 14400),
        )
        assert transcript.language == "en"
        assert transcript.confidence == pytest.approx(0.905, abs=0.001)
        assert transcript.no_speech == 0.2

    async def test_the_local_models_tell_how_sure_they_are_of_each_word(
        self, openai_server: FakeOpenAi
    ):
        word = {"word": "привет", "start": 0, "end": 1, "probability": 0.7}
        openai_server.transcriptions.append(
            transcribes("привет", language="ru", confidence=0.8, words=[word])
        )

        transcript = await recogniser(openai_server, words=True).transcribe(SPOKEN, language="en")

        assert transcript == Transcript(
            "привет", "ru", 0.8, words=(SpokenWord("привет", 0, 16_000, 0.7),)
        )

    @pytest.mark.parametrize(
        "told", [float("nan"), float("inf"), pytest.param(10**400, id="huge"), "much", None]
    )
    async def test_a_confidence_that_is_no_share_is_left_out(
        self, openai_server: FakeOpenAi, told: object
    ):
        word = {"word": "hello", "start": 0, "end": 1, "probability": told}
        openai_server.transcriptions.append(transcribes("hello", confidence=told, words=[word]))

        transcript = await recogniser(openai_server, words=True).transcribe(SPOKEN, language="en")

        assert transcript == Transcript("hello", "en", words=(SpokenWord("hello", 0, 16_000),))

    @pytest.mark.parametrize(
        ("told", "finished"),
        [(0.9, 0.9), (7, 1.0), ("yes", None), (float("nan"), None), (float("inf"), None)],
    )
    async def test_the_local_models_tell_how_likely_the_sentence_is_finished(
        self, openai_server: FakeOpenAi, told: object, finished: float | None
    ):
        openai_server.transcriptions.append(transcribes("I would like to.", finished=told))

        transcript = await recogniser(openai_server).transcribe(SPOKEN, language="en")

        assert transcript.finished == finished

    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            ([{"uh": 0.4, "them": 0.3}, {"oh": 0.2}], ({"uh": 0.4, "them": 0.3}, {"oh": 0.2})),
            ([{"uh": 7, "them": "much", "mm": float("nan"), "oh": 10**400}], ({"uh": 1.0},)),
            (["uh", {}, {"uh": 0.4}], ({"uh": 0.4},)),
            ({"uh": 0.4}, ()),
            (None, ()),
        ],
    )
    async def test_the_local_models_tell_what_else_may_have_been_said(
        self, openai_server: FakeOpenAi, told: object, expected: tuple[dict[str, float], ...]
    ):
        openai_server.transcriptions.append(transcribes("Them.", readings=told))

        transcript = await recogniser(openai_server).transcribe(SPOKEN, language="en")

        assert transcript.readings == expected

    async def test_a_model_without_words_is_asked_for_the_text_alone_from_then_on(
        self, openai_server: FakeOpenAi
    ):
        refused = error(400, "response_format 'verbose_json' is not compatible with this model")
        openai_server.transcriptions += [refused, transcribes("One."), transcribes("Two.")]
        stt = recogniser(openai_server, words=True)

        texts = [(await stt.transcribe(SPOKEN, language="en")).text for _ in range(2)]

        assert texts == ["One.", "Two."]
        shapes = [request.body["response_format"] for request in openai_server.requests]
        assert shapes == ["verbose_json", "json", "json"]

    async def test_audio_that_is_refused_says_nothing_about_words(self, openai_server: FakeOpenAi):
        openai_server.transcriptions += [error(400), error(400), transcribes("hello")]
        stt = recogniser(openai_server, words=True)

        with pytest.raises(ProviderProtocolError):
            await stt.transcribe(SPOKEN, language="en")
        await stt.transcribe(SPOKEN, language="en")

        assert openai_server.requests[-1].body["response_format"] == "verbose_json"

    @pytest.mark.parametrize(
        "words",
        [
            None,
            "Good",
            [7, {"word": 3}],
            [{"word": "Good"}],
            [{"word": "Good", "start": 2, "end": 1}],
            [{"word": "Good", "start": "at once", "end": None}],
            [{"word": " ", "start": 0, "end": 1}],
        ],
    )
    async def test_words_that_make_no_sense_are_left_out(
        self, openai_server: FakeOpenAi, words: object
    ):
        openai_server.transcriptions.append(transcribes("Good.", words=words, segments="no"))

        transcript = await recogniser(openai_server, words=True).transcribe(SPOKEN, language="en")

        assert transcript == Transcript("Good.", "en")


class TestRepeats:
    PATIENT = Patience(first_s=3, gap_s=1, retries=2)

    @pytest.mark.parametrize("status", [429, 500, 503])
    async def test_what_passes_by_is_tried_again(self, openai_server: FakeOpenAi, status: int):
        openai_server.transcriptions += [error(status), transcribes("there")]

        transcript = await recogniser(openai_server, self.PATIENT).transcribe(SPOKEN, language="en")

        assert transcript.text == "there"
        assert len(openai_server.requests) == 2

    async def test_a_broken_connection_is_tried_again(self, openai_server: FakeOpenAi):
        openai_server.transcriptions += [Canned((b"{",), cut=True), transcribes("there")]

        transcript = await recogniser(openai_server, self.PATIENT).transcribe(SPOKEN, language="en")

        assert transcript.text == "there"

    @pytest.mark.parametrize("status", [400, 401, 403, 404])
    async def test_what_stays_wrong_is_not(self, openai_server: FakeOpenAi, status: int):
        openai_server.transcriptions.append(error(status))

        with pytest.raises(ProviderError):
            await recogniser(openai_server, self.PATIENT).transcribe(SPOKEN, language="en")

        assert len(openai_server.requests) == 1

    async def test_repeats_have_an_end(self, openai_server: FakeOpenAi):
        openai_server.transcriptions += [error(500)] * 5

        with pytest.raises(ProviderFailedError):
            await recogniser(openai_server, self.PATIENT).transcribe(SPOKEN, language="en")

        assert len(openai_server.requests) == 3

    async def test_retry_after_is_respected(self, openai_server: FakeOpenAi):
        wait = {"Retry-After": "0.4"}
        openai_server.transcriptions += [error(429, **wait), transcribes("there")]
        loop = asyncio.get_running_loop()
        started = loop.time()

        await recogniser(openai_server, self.PATIENT).transcribe(SPOKEN, language="en")

        assert loop.time() - started >= 0.4

    async def test_a_retry_after_beyond_the_turns_patience_fails_at_once(
        self, openai_server: FakeOpenAi
    ):
        openai_server.transcriptions.append(error(429, **{"Retry-After": "60"}))
        loop = asyncio.get_running_loop()
        started = loop.time()

        with pytest.raises(ProviderBusyError):
            await recogniser(openai_server, self.PATIENT).transcribe(SPOKEN, language="en")

        assert loop.time() - started < 1
        assert len(openai_server.requests) == 1

    async def test_all_attempts_share_one_patience(self, openai_server: FakeOpenAi):
        openai_server.transcriptions += [Canned((), 500, wait_s=0.2)] * 9
        loop = asyncio.get_running_loop()
        started = loop.time()

        with pytest.raises(ProviderTimeoutError):
            await recogniser(openai_server, Patience(first_s=0.5, retries=8)).transcribe(
                SPOKEN, language="en"
            )

        assert loop.time() - started < 1

    async def test_half_spoken_text_is_never_begun_again(self, openai_server: FakeOpenAi):
        openai_server.speech += [speaks(pcm24(0.5), cut=True), speaks(pcm24(1))]

        with pytest.raises(ProviderFailedError):
            await speech(voice(openai_server, self.PATIENT))

        assert len(openai_server.requests) == 1


class TestSpeech:
    async def test_pcm_is_asked_for_and_resampled_to_slin16(self, openai_server: FakeOpenAi):
        openai_server.speech.append(speaks(pcm24(0.5, level=1000)))

        pcm = await speech(voice(openai_server), "Good morning.")

        assert samples(pcm) == pytest.approx(SAMPLE_RATE / 2, abs=2)
        middle = np.frombuffer(pcm, dtype="<i2")[1000:-1000]
        assert abs(middle.astype(int) - 1000).max() <= 2
        body = openai_server.requests[0].body
        assert body["input"] == "Good morning."
        assert body["response_format"] == "pcm"

    async def test_chunks_of_odd_length_lose_no_sample(self, openai_server: FakeOpenAi):
        data = pcm24(0.5)
        cuts = [data[at : at + 333] for at in range(0, len(data), 333)]
        openai_server.speech.append(speaks(*cuts))

        assert samples(await speech(voice(openai_server))) == pytest.approx(8000, abs=2)

    async def test_the_first_chunk_is_given_before_the_rest_is_there(
        self, openai_server: FakeOpenAi
    ):
        openai_server.speech.append(speaks(pcm24(0.3), pcm24(0.3), gap_s=0.15))
        loop = asyncio.get_running_loop()
        chunks = voice(openai_server).synthesise("Hello.", language="en")

        arrived = [(loop.time(), chunk) async for chunk in chunks]

        assert arrived[-1][0] - arrived[0][0] > 0.1
        assert seconds(arrived[0][1]) > 0.2

    @pytest.mark.parametrize(
        ("file", "length_s"),
        [
            (wav_file(pcm24(0.3)), 0.3),
            (wav_file(bytes(32_000), rate=16_000), 1.0),
            (wav_file(bytes(2 * 22_050), rate=22_050), 1.0),
            (wav_file(bytes(4 * 24_000), channels=2), 1.0),
        ],
        ids=["24 kHz", "16 kHz", "22.05 kHz", "stereo"],
    )
    async def test_a_server_may_answer_wav(
        self, openai_server: FakeOpenAi, file: bytes, length_s: float
    ):
        pieces = (file[:3], file[3:21], file[21:50], file[50:])
        openai_server.speech.append(Canned(pieces, kind="audio/wav", gap_s=0.01))

        assert seconds(await speech(voice(openai_server))) == pytest.approx(length_s, abs=0.001)

    @pytest.mark.parametrize(
        "answer",
        [
            speaks(),
            speaks(b""),
            speaks(b"\0"),
            Canned((b'{"audio": 1}',)),
            Canned((b"<html>",), kind="text/html"),
            Canned((b"RIFF\0\0\0\0AVI LIST",), kind="audio/wav"),
            Canned((b"RIFF\0\0\0\0WAVE",), kind="audio/wav"),
            Canned((wav_file(b"\0" * 8, channels=1).replace(b"\x10\0data", b"\x08\0data"),)),
        ],
        ids=["empty", "no bytes", "half a sample", "json", "html", "avi", "cut header", "8 bit"],
    )
    async def test_what_is_not_speech_is_a_protocol_error(
        self, openai_server: FakeOpenAi, answer: Canned
    ):
        openai_server.speech.append(answer)

        with pytest.raises(ProviderProtocolError):
            await speech(voice(openai_server))

    @pytest.mark.parametrize(("fault", "expected"), FAULTS)
    async def test_each_fault_is_told_apart(
        self, openai_server: FakeOpenAi, fault: Canned, expected: type[ProviderError]
    ):
        kind = "audio/pcm" if fault.status == 200 else fault.kind
        chunks = (pcm24(0.1),) if fault.cut else fault.chunks
        openai_server.speech.append(
            Canned(chunks, fault.status, kind, wait_s=fault.wait_s, cut=fault.cut)
        )

        patience = HASTY if expected is ProviderTimeoutError else ONCE
        with pytest.raises(expected) as raised:
            await speech(voice(openai_server, patience))

        assert raised.value.stage == "tts"
        assert KEY not in str(raised.value)

    async def test_speech_that_stops_coming_is_a_timeout(self, openai_server: FakeOpenAi):
        openai_server.speech.append(speaks(pcm24(0.1), pcm24(0.1), gap_s=0.25))

        with pytest.raises(ProviderTimeoutError):
            await speech(voice(openai_server, HASTY))

    async def test_closing_early_ends_the_request(self, openai_server: FakeOpenAi):
        openai_server.speech.append(speaks(*[pcm24(0.1)] * 500, gap_s=0.02))
        chunks = voice(openai_server).synthesise("A long story.", language="en")
        await anext(chunks)

        await chunks.aclose()

        await asyncio.wait_for(openai_server.dropped.wait(), 2)

    async def test_cancelling_while_waiting_ends_the_request(self, openai_server: FakeOpenAi):
        openai_server.speech.append(Canned(wait_s=30))
        task = asyncio.create_task(speech(voice(openai_server, Patience())))
        await openai_server.asked.wait()

        task.cancel()

        await asyncio.wait_for(openai_server.dropped.wait(), 2)

    async def test_only_the_local_models_are_told_the_language(self, openai_server: FakeOpenAi):
        await speech(voice(openai_server))
        await speech(voice(openai_server, provider="local"))

        cloud, local = openai_server.requests
        assert "language" not in cloud.body
        assert local.body["language"] == "en"

    async def test_only_the_local_models_are_asked_for_words(self, openai_server: FakeOpenAi):
        await speech(voice(openai_server))
        await speech(voice(openai_server, provider="local"))

        cloud, local = openai_server.requests
        assert "stream_format" not in cloud.body
        assert local.body["stream_format"] == "sse"

    async def test_a_server_that_announces_words_is_asked_for_them(self, openai_server: FakeOpenAi):
        plain, event = speaks(pcm24(0.25)), events(spoken(0.25))
        announced = replace(plain, headers={"word-times": "sse"})
        openai_server.speech += [plain, announced, event, announced]
        tts = voice(openai_server)

        for _ in range(4):
            assert seconds(await speech(tts)) == 0.25

        asked = [request.body.get("stream_format") for request in openai_server.requests]
        assert asked == [None, None, "sse", "sse"]

    async def test_who_announces_words_and_refuses_them_speaks_all_the_same(
        self, openai_server: FakeOpenAi
    ):
        plain = speaks(pcm24(0.25))
        announced = replace(plain, headers={"word-times": "sse"})
        openai_server.speech += [announced, error(400), plain, plain]
        tts = voice(openai_server)

        for _ in range(3):
            assert seconds(await speech(tts)) == 0.25

        asked = [request.body.get("stream_format") for request in openai_server.requests]
        assert asked == [None, "sse", None, None]

    async def test_words_come_before_their_audio_in_samples(self, openai_server: FakeOpenAi):
        openai_server.speech.append(
            events(
                spoken(0.25, {"word": "Good", "start": 0.01, "end": 0.2}),
                spoken(0.25),
                spoken(0.5, {"word": "morning.", "start": 0.5, "end": 0.8}),
                '{"type": "speech.audio.done"}',
            )
        )
        parts = voice(openai_server, provider="local").synthesise("Good morning.", language="en")

        got = [part async for part in parts]

        words = [number for number, part in enumerate(got) if isinstance(part, SpokenWord)]
        assert [got[number] for number in words] == [
            SpokenWord("Good", 160, 3200),
            SpokenWord("morning.", 8000, 12800),
        ]
        before = b"".join(part for part in got[: words[1]] if isinstance(part, bytes))
        assert words[0] == 0
        assert seconds(before) < 0.5
        everything = b"".join(part for part in got if isinstance(part, bytes))
        assert seconds(everything) == pytest.approx(1.0, abs=0.001)

    @pytest.mark.parametrize(
        "word",
        [None, {"word": 5}, {"word": "x"}, {"word": "x", "start": 2, "end": 1}, {"start": -1}],
    )
    async def test_words_that_make_no_sense_are_left_out(
        self, openai_server: FakeOpenAi, word: object
    ):
        openai_server.speech.append(events(spoken(0.25, word)))

        assert seconds(await speech(voice(openai_server, provider="local"))) == 0.25

    @pytest.mark.parametrize(
        "event",
        [
            "{",
            "[]",
            '{"type": "speech.audio.done"}',
            '{"type": "speech.audio.delta"}',
            '{"type": "speech.audio.delta", "audio": "%%"}',
        ],
    )
    async def test_events_without_speech_are_a_protocol_error(
        self, openai_server: FakeOpenAi, event: str
    ):
        openai_server.speech.append(events(event))

        with pytest.raises(ProviderProtocolError):
            await speech(voice(openai_server, provider="local"))

    async def test_an_error_in_the_midst_of_speech_is_raised(self, openai_server: FakeOpenAi):
        openai_server.speech.append(
            events(spoken(0.25), '{"type": "error", "error": {"message": "out of memory"}}')
        )

        with pytest.raises(ProviderFailedError, match="out of memory"):
            await speech(voice(openai_server, provider="local"))
