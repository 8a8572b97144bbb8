"""Where speech starts and where it pauses, to the sample, and the audio in between."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from voicebot.media.audio import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, Pcm
from voicebot.turns.activity import BLOCK_SHARE_DB, VoiceActivity, last_above
from voicebot.turns.opinions import all_agree
from voicebot.turns.pitch import PitchCheck

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.media.audio import Frame
    from voicebot.turns.activity import Activity
    from voicebot.turns.opinions import SecondOpinion

LEAD_IN_MS: Final = 240
_LEAD_IN_FRAMES: Final = LEAD_IN_MS // FRAME_MS

# Speech starts with three active frames (60 ms) among the last four.
_ONSET_FRAMES: Final = 3
_ONSET_MASK: Final = 0b1111
_ONSET_LEAST_DBFS: Final = -52.0
# The hiss and the stop in 'speak' are no voice: a clear one within 200 ms of 40 ms of hiss needs
# only 40 ms to be believed.
_LED_ACTIVE_FRAMES: Final = 2
_LED_HISS_FRAMES: Final = 2
_LED_MASK: Final = 0b1111111111
_LED_OVER_FLOOR_DB: Final = 15.0
_LED_LEAST_DBFS: Final = -40.0

# Speech lasts while blocks stand out of the noise and of the room's reverberation.
_END_OVER_FLOOR_DB: Final = 4.0
_END_BELOW_PEAK_DB: Final = 32.0
_END_LEAST_DBFS: Final = -58.0
_PEAK_DECAY_DB: Final = 0.03
_LEVEL_WEIGHT: Final = 0.1
# What is nearly as loud as the speech just before needs no detector to be speech.
_CLEAR_OVER_FLOOR_DB: Final = 15.0
_CLEAR_BELOW_PEAK_DB: Final = 12.0
# Between loud syllables passes less than this: what goes on longer is what is behind the caller.
_NEAR_BELOW_PEAK_DB: Final = 6.0
_BETWEEN_SYLLABLES: Final = 300 * SAMPLE_RATE // 1000
# Who goes on is, in dB, at least so far on the way from the noise to the loudest that he has said:
# words that go on after a pause are within 6 dB of that, what people behind him say hardly ever is.
_NEARER: Final = 0.55
_PEAK_OVER_LEVEL_DB: Final = 12.0

_OPINION_FRAMES: Final = 15


class Change(Enum):
    """What a frame has changed."""

    STARTED = auto()
    PAUSED = auto()
    FULL = auto()


class SpeechDetector:
    """Finds speech in the caller's frames and keeps its audio.

    Push each frame in order. After ``Change.STARTED`` the audio is held, pauses included, until
    ``release``; after ``Change.FULL`` it has become ``longest_s`` long and nothing more is added.
    ``opinions`` are asked, in order, before a start is believed.
    """

    __slots__ = (
        "_activity",
        "_deaf",
        "_frames",
        "_held",
        "_hisses",
        "_longest",
        "_loud",
        "_near",
        "_opinions",
        "_pause",
        "_peak",
        "_recent",
        "_refused",
        "_spoken",
        "ended",
        "level",
        "now",
        "onset",
        "speaking",
        "started",
    )

    def __init__(
        self,
        *,
        pause_ms: int = 100,
        longest_s: float = 60.0,
        activity: VoiceActivity | None = None,
        opinions: Sequence[SecondOpinion] | None = None,
    ) -> None:
        self._activity = activity or VoiceActivity()
        self._opinions = (PitchCheck(),) if opinions is None else tuple(opinions)
        self._pause = pause_ms * SAMPLE_RATE // 1000
        self._longest = -(-int(longest_s * SAMPLE_RATE) // FRAME_SAMPLES)
        # As they came: to join them costs more than to keep them, and few are ever asked for.
        self._frames: list[Frame] = []
        self._held = False
        self._deaf = self._refused = False
        self._recent = self._hisses = 0
        self._loud: Frame | None = None
        self._near = self._spoken = 0
        self.speaking = False
        self.now = self.started = self.onset = self.ended = 0
        self._peak = self.level = -100.0

    @property
    def silence(self) -> int:
        """How many samples have passed since the last one of speech."""
        return self.now - self.ended

    @property
    def spoken(self) -> int:
        """How many samples of speech are held, without the pauses in between."""
        return self._spoken + self.ended - self.onset

    @property
    def stirring(self) -> bool:
        """Whether one of the two newest frames is active: speech may just be starting again."""
        return bool(self._recent & 0b11)

    @property
    def pcm(self) -> Pcm:
        """The audio held, with its lead-in, up to now."""
        return b"".join(self._frames)

    @property
    def resting(self) -> bool:
        """Whether a quiet frame would change nothing: nobody speaks and nothing is held."""
        busy = self.speaking or self._held or self._deaf or self._recent
        return not busy and self._activity.silent

    @property
    def unbroken(self) -> int:
        """How many frames it takes until speech that goes on can have paused or is too long.

        0 where nobody speaks, or that can be with the next.
        """
        if not self.speaking:
            return 0
        # How far the last loud frame is to the end loud is found out when another has followed.
        left = (self._pause - self.silence) // FRAME_SAMPLES - (self._loud is not None)
        return max(0, min(left, self._longest - len(self._frames)))

    def push_quiet(self, frames: list[Frame], energies: list[float]) -> None:
        """Take frames with less energy than ``activity.QUIET``, while ``resting``, all at once."""
        self._activity.push_quiet(energies)
        self._frames += frames
        del self._frames[:-_LEAD_IN_FRAMES]
        self._hisses = self._hisses << len(frames) & _LED_MASK
        self.now += FRAME_SAMPLES * len(frames)

    def push(
        self, frame: Frame, *, echoes: bool = False, energy: float | None = None
    ) -> Change | None:
        """Take the next 20 ms and return what they have changed.

        ``echoes``: the bot's voice may be heard in the frame. ``energy`` is that of the frame,
        where it is known.
        """
        speaking = self.speaking
        away = not speaking or self.now - self._near > _BETWEEN_SYLLABLES
        # Echoes and what was refused come and go as people behind the caller do, but then end.
        nobody = away and not (echoes or self._deaf or self._refused)
        activity = self._activity.push(frame, speaking=speaking, nobody=nobody, energy=energy)
        self._keep(frame)
        self.now += FRAME_SAMPLES
        sound = activity.level >= max(activity.onset, _ONSET_LEAST_DBFS)
        active = sound and activity.voiced
        self._recent = (self._recent << 1 | active) & _ONSET_MASK
        if speaking:
            return self._follow(frame, activity)
        self._hisses = (self._hisses << 1 | (sound and not active)) & _LED_MASK
        if active and self._begins(activity):
            self._start(frame, activity)
            return Change.STARTED
        if not self._recent:
            self._deaf = self._refused = False
        return self._full()

    def hold(self, started: int | None = None) -> None:
        """Hold the audio from now on, with its lead-in, as if speech had just started."""
        self._held = True
        self._spoken = 0
        self.started = self.onset = self.now if started is None else started
        self.ended = self.now

    def release(self, *, until_quiet: bool = False) -> None:
        """Let go of the audio, except for the lead-in of what may follow.

        ``until_quiet`` also ends the speech that goes on, and finds no other before a pause.
        """
        self._held = False
        del self._frames[:-_LEAD_IN_FRAMES]
        if until_quiet:
            self._deaf = self.speaking
            self.speaking = False

    def heed(self) -> None:
        """Find speech from now on, also what has gone on since ``release(until_quiet=True)``."""
        self._deaf = False

    def _keep(self, frame: Frame) -> None:
        if self._held and len(self._frames) >= self._longest:
            return
        self._frames.append(frame)
        if not self._held:
            del self._frames[:-_LEAD_IN_FRAMES]

    def _full(self) -> Change | None:
        full = self._held and len(self._frames) >= self._longest
        return Change.FULL if full else None

    def _begins(self, activity: Activity) -> bool:
        enough = self._recent.bit_count() >= _ONSET_FRAMES or self._led(activity)
        if self._deaf or not enough or self._behind(activity):
            return False
        self._refused = not all_agree(self._opinions, self._frames[-_OPINION_FRAMES:])
        return not self._refused

    def _behind(self, activity: Activity) -> bool:
        """Return whether a sound is rather what is behind the caller than him going on."""
        above = activity.level - activity.floor
        # A knock is louder than any voice, and says nothing about how near it is.
        peak = min(self._peak, self.level + _PEAK_OVER_LEVEL_DB)
        return self._held and above < _NEARER * (peak - activity.floor)

    def _led(self, activity: Activity) -> bool:
        """Return whether sound without voice has led up to a voice that is clear."""
        return (
            self._recent.bit_count() >= _LED_ACTIVE_FRAMES
            and self._hisses.bit_count() >= _LED_HISS_FRAMES
            and activity.level >= max(activity.floor + _LED_OVER_FLOOR_DB, _LED_LEAST_DBFS)
        )

    def _start(self, frame: Frame, activity: Activity) -> None:
        start = max(self.now - self._recent.bit_length() * FRAME_SAMPLES, 0)
        if self._held:
            self._spoken += self.ended - self.onset
            self.onset = max(start, self.ended)
            self.ended = self.now
        else:
            self.hold(start)
            self._peak = self.level = activity.level
        self._loud = frame
        self._near = self.now
        self._hisses = 0
        self.speaking = True

    def _follow(self, frame: Frame, activity: Activity) -> Change | None:
        """Move the end of speech along, and notice when it lies a pause behind."""
        self._peak = max(activity.level, self._peak - _PEAK_DECAY_DB)
        threshold = max(activity.floor + _END_OVER_FLOOR_DB, self._peak - _END_BELOW_PEAK_DB)
        threshold = max(threshold, _END_LEAST_DBFS)
        if activity.level >= self._peak - _NEAR_BELOW_PEAK_DB:
            self._near = self.now
        clear = activity.level >= max(
            activity.floor + _CLEAR_OVER_FLOOR_DB, self._peak - _CLEAR_BELOW_PEAK_DB
        )
        if activity.voiced or clear:
            self._extend(frame, activity.level, threshold)
        else:
            self._settle(threshold)
        if self.silence >= self._pause:
            self.speaking = False
            return Change.PAUSED
        return self._full()

    def _extend(self, frame: Frame, level: float, threshold: float) -> None:
        """Move the end of speech to the last sound above ``threshold``."""
        if level >= threshold:
            self._loud = frame
            self.ended = self.now
            self.level += _LEVEL_WEIGHT * (level - self.level)
            return
        self._settle(threshold)
        if level < threshold - BLOCK_SHARE_DB:
            # Not even a block of it can be above.
            return
        end = last_above(frame, threshold)
        if end:
            self.ended = self.now - FRAME_SAMPLES + end

    def _settle(self, threshold: float) -> None:
        """Find where in the last loud frame the end is, now that no other has followed."""
        if self._loud is not None:
            self.ended -= FRAME_SAMPLES - last_above(self._loud, threshold)
            self._loud = None
