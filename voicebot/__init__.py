"""A voice-bot media server for Asterisk: receptionist, transcription and latency bench.

One call takes one path. Read it in this order::

    caller ─ Asterisk ─ RtpEndpoint ─ JitterBuffer ─ Frame ─ SpeechDetector ─ TurnTaker
                                                                                  │ Utterance
                                                                            SpeechToText
                                                                                  │ Transcript
                                                                 tools ─ LanguageModel
                                                                                  │ clauses
                                                                            TextToSpeech
                                                                                  │ Pcm
    caller ─ Asterisk ─ RtpEndpoint ─ encoder ─ Frame ─ Playout ──────────────────┘

1. ``voicebot.media``: packets in, frames of 20 ms on, and back again
2. ``voicebot.turns``: who speaks, and whose turn it is
3. ``voicebot.speech``: text from speech, an answer, speech from text
4. ``voicebot.call``: one conversation from answer to hang-up
5. ``voicebot.apps``: what a channel that enters Stasis is given
6. ``voicebot.server``: builds everything, one task group per call

Inside, audio is slin16: 16 kHz, 16-bit, mono, in frames of 320 samples. Imports point one way:
``cli → server → apps → call → turns, speech → media → errors``.
"""

__version__ = "0.1.0"
