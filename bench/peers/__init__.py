"""The same call through voicebot and through its peers, side by side, in memory.

Every engine is driven by the same feed (``feed``): 16 kHz, 20 ms, an utterance of about 3 s
each 8 s, providers that take no time and answer with 3 s of speech. Each runs in a process and a
virtual environment of its own (``environments``), pinned to one core, on uvloop. There are no
sockets; one row of voicebot's comes from ``bench.capacity``, which has them.

What is configured:

=================  ==============================================================================
the feed alone     nothing but the feed: what the bench itself costs in each of the other rows
voicebot           ``Conversation`` with default settings on a stream without a socket; its media
                   clock, collector policy, turn taking and playout as in production. A turn ends
                   after the silence of its default settings, ``turns.sentence_ms``. Once from
                   source and once with its hot modules compiled, as pip installs it
voicebot, sockets  ``bench.capacity``: RTP over UDP both ways, codecs, jitter buffer, turn taking.
                   Its lateness is that of packets, measured by the receiver
pipecat            1.14.0: transport, STT, user aggregator, LLM, TTS, transport, assistant
                   aggregator, as its own project template lays them out. Silero, Smart Turn v3,
                   interruptions, VAD stop of 200 ms: its defaults. Metrics are off (the template
                   has them on; they cost). Output in its default chunks of 40 ms, against absolute
                   deadlines, which is how its WebRTC track paces
pipecat, cheap     webrtcvad (mode 3, called on the event loop, without its thread) in the place of
                   Silero, and no Smart Turn: a turn ends with the VAD's 200 ms
livekit-agents     1.8.9: ``AgentSession`` with its bundled Silero and its local turn detector, the
                   defaults (least endpointing delay 300 ms). AEC warm-up off, or nobody could
                   interrupt within 3 s. Its native WebRTC library, which paces the output of a real
                   room, has no part in this: the bench plays what it hands over, each 20 ms against
                   absolute deadlines, so its lateness is that of the event loop
livekit, cheap     webrtcvad (the same) in the place of Silero and ``turn_detection="vad"``: a turn
                   ends with the 300 ms that stay the endpointing delay
=================  ==============================================================================

A streaming recogniser is imitated for the peers: the transcript is there, and final, with the last
sample of the utterance. voicebot asks its recogniser after 100 ms of silence, as ever.
"""
