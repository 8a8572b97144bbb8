"""Whisper on CTranslate2, with an encoder that sees the utterance alone.

Whisper was trained on 30 s windows, so the usual runtimes pad everything to 30 s and spend most of
their time encoding silence. Here the encoder is given the utterance and 1.3 s of silence. The
decoder alone would then miss the long silence that tells it to stop, and loop; so the encoder's
output for the end of a silent window, computed once, is appended for it to attend to.
Cross-attention knows no order, and half a second of such memory is enough: the text is that of the
padded window.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from ctranslate2 import StorageView
from ctranslate2.models import Whisper as Runtime
from tokenizers import Tokenizer

from voicebot.errors import ModelError
from voicebot.models.endings import Endings
from voicebot.models.features import log_mel
from voicebot.models.guards import is_invented, without_loop
from voicebot.models.readings import LONGEST_S, MOST, TOKENS, readings
from voicebot.models.seams import WHISPER_RATE, Recognition, Segment, Word
from voicebot.models.windows import WINDOW_SECONDS, windows
from voicebot.models.words import Alignment, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from voicebot.models.seams import Samples

_SILENCE = WHISPER_RATE * 13 // 10
"""Appended to the utterance. With half a second one in ten loops; more than this gains nothing."""

_MEMORY = 25
"""Encoder frames of 20 ms, from the end of a silent 30 s window. Earlier ones bring loops back."""

T = TypeVar("T", Segment, Word)

_INAUDIBLE = 10 ** (-60 / 20)
_SHORTEST = WHISPER_RATE // 20
_PROMPT_TOKENS = 100
_TOKENS_PER_S = {True: 10, False: 7}
"""Longest text, by whether the model is multilingual: other languages need more tokens a word."""

_TOKENS_SPARE = 12


class Whisper:
    """A Whisper model in CTranslate2's format, with ``tokenizer.json`` beside it."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._runtime = Runtime(
            str(folder), device="cpu", compute_type="int8", intra_threads=threads
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._endings = Endings(self._tokenizer)
        silent = self._encode(np.zeros(WINDOW_SECONDS * WHISPER_RATE, np.float32))
        self._memory = silent[:, -_MEMORY:]

    def recognise(
        self, samples: Samples, *, language: str | None, prompt: str, words: bool = False
    ) -> Recognition:
        """Return the text of ``samples``, of any length; longer ones are cut where it is quiet."""
        seconds = len(samples) / WHISPER_RATE
        heard: list[Recognition] = []
        segments: list[Segment] = []
        said: list[Word] = []
        begin = 0.0
        for window in windows(samples):
            found = self._window(window, language=language, prompt=prompt, words=words)
            if found.text:
                heard.append(found)
                prompt = found.text
                segments += [_shifted(one, begin) for one in found.segments]
                said += [_shifted(word, begin) for word in found.words]
            begin += found.seconds
            language = language or found.language
        language = language or "en"
        if not heard:
            return Recognition("", language, seconds, avg_logprob=0.0, no_speech_prob=1.0)
        weights = [found.seconds for found in heard]
        return Recognition(
            " ".join(found.text for found in heard),
            language,
            seconds,
            avg_logprob=float(np.average([found.avg_logprob for found in heard], weights=weights)),
            no_speech_prob=min(found.no_speech_prob for found in heard),
            segments=tuple(segments),
            words=tuple(said),
            finished=heard[-1].finished,
            readings=heard[0].readings if len(heard) == 1 else (),
        )

    def readings(self, samples: Samples, *, language: str, prompt: str) -> Mapping[str, float]:
        """Return the likeliest texts of ``samples`` alone; none of what is longer than short."""
        seconds = len(samples) / WHISPER_RATE
        if seconds > LONGEST_S or not _audible(samples):
            return {}
        memory = self._remembered(samples)
        return self._search(memory, self._start(self._language(memory, language), prompt), seconds)

    def _window(
        self, samples: Samples, *, language: str | None, prompt: str, words: bool
    ) -> Recognition:
        seconds = len(samples) / WHISPER_RATE
        if not _audible(samples):
            return Recognition("", language or "en", seconds, no_speech_prob=1.0)
        memory = self._remembered(samples)
        language = self._language(memory, language)
        start = self._start(language, prompt)
        # The logits are megabytes: only for who takes turns, and he wants no words in time.
        result = self._generate(memory, start, seconds, logits=not words)
        ids = result.sequences_ids[0]
        # CTranslate2 gives the mean over the text's tokens; Whisper's counts the end token too.
        logprob = result.scores[0] * len(ids) / (len(ids) + 1)
        no_speech = result.no_speech_prob
        decoded = self._tokenizer.decode(ids).strip()
        text = without_loop(decoded, seconds)
        if is_invented(text, no_speech=no_speech, logprob=logprob):
            return Recognition("", language, seconds, logprob, no_speech)
        written = ids
        if text != decoded:
            ids = self._tokenizer.encode(f" {text}", add_special_tokens=False).ids
        # Without the loop that was cut off; its first round was meant.
        known = bool(result.logits) and written[: len(ids)] == ids
        finished = self._endings.finished(ids, result.logits[0]) if known else None
        spoken = self._words(ids, memory, language, samples) if words else ()
        segment = Segment(text, 0.0, seconds, logprob, no_speech)
        # Only who waits for the word of a bot that speaks tells what is likely to be said.
        told = self._search(memory, start, seconds) if prompt and not words else {}
        return Recognition(
            text,
            language,
            seconds,
            logprob,
            no_speech,
            segments=(segment,),
            words=spoken,
            finished=finished,
            readings=(told,) if told else (),
        )

    def _search(self, memory: StorageView, start: list[int], seconds: float) -> dict[str, float]:
        """Return the likeliest texts, with their probability, of what is short."""
        if seconds > LONGEST_S:
            return {}
        found = self._runtime.generate(
            memory,
            [start],
            beam_size=MOST,
            num_hypotheses=MOST,
            max_length=max(2 * TOKENS, TOKENS + len(start)),
            return_scores=True,
        )[0]
        pairs = zip(found.sequences_ids, found.scores, strict=True)
        return readings(pairs, self._tokenizer.decode)

    def _words(
        self, ids: list[int], memory: StorageView, language: str, samples: Samples
    ) -> tuple[Word, ...]:
        frames = len(samples) * 100 // WHISPER_RATE
        # The runtime itself adds the token that says 'no timestamps'.
        found = self._runtime.align(memory, self._start(language, "")[:-1], [ids], frames)[0]
        alignment = Alignment(ids, found.alignments, found.text_token_probs)
        return words_in(alignment, self._tokenizer.decode, samples, language)

    def _remembered(self, samples: Samples) -> StorageView:
        """Return what the decoder attends to: the encoder's output, and that of a long silence."""
        encoded = self._encode(np.concatenate((samples, np.zeros(_SILENCE, np.float32))))
        return StorageView.from_array(np.concatenate((encoded, self._memory), axis=1))

    def _encode(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Return the encoder's output, ``[1, frames of 20 ms, width]``."""
        features = log_mel(samples, self._runtime.n_mels)[None]
        return np.array(self._runtime.encode(StorageView.from_array(features), to_cpu=True))

    def _language(self, memory: StorageView, language: str | None) -> str:
        if not self._runtime.is_multilingual:
            return "en"
        if language and self._tokenizer.token_to_id(f"<|{language}|>") is not None:
            return language
        token: str = self._runtime.detect_language(memory)[0][0][0]
        return token.strip("<|>")

    def _start(self, language: str, prompt: str) -> list[int]:
        names = ["<|startoftranscript|>"]
        if self._runtime.is_multilingual:
            names += [f"<|{language}|>", "<|transcribe|>"]
        start = [self._token(name) for name in (*names, "<|notimestamps|>")]
        if not prompt.strip():
            return start
        tokens = self._tokenizer.encode(f" {prompt.strip()}", add_special_tokens=False).ids
        return [self._token("<|startofprev|>"), *tokens[-_PROMPT_TOKENS:], *start]

    def _token(self, name: str) -> int:
        number = self._tokenizer.token_to_id(name)
        if number is None:
            message = f"tokenizer.json has no {name}: it is not Whisper's"
            raise ModelError(message)
        return number

    # The runtime is not typed.
    def _generate(
        self, memory: StorageView, start: list[int], seconds: float, *, logits: bool
    ) -> Any:  # noqa: ANN401
        tokens = int(_TOKENS_PER_S[self._runtime.is_multilingual] * seconds) + _TOKENS_SPARE
        return self._runtime.generate(
            memory,
            [start],
            beam_size=1,
            # The text gets half of max_length, or what the start sequence leaves, if less.
            max_length=min(448, tokens + max(tokens, len(start))),
            return_scores=True,
            return_no_speech_prob=True,
            return_logits_vocab=logits,
        )[0]


def _audible(samples: Samples) -> bool:
    return len(samples) >= _SHORTEST and float(np.abs(samples).max()) >= _INAUDIBLE


def _shifted(part: T, seconds: float) -> T:
    """Return what lies ``seconds`` later in the audio."""
    return replace(part, start=part.start + seconds, end=part.end + seconds)
