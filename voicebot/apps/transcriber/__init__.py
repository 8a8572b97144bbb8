"""The transcription sidecar: what people say to each other on the PBX, live, as text.

The speech side, in the order in which audio passes it:

1. ``utterances``: where each party's speech begins, pauses and ends
2. ``backlog``: what waits to be transcribed, fair to every party; ``shelf``: its audio
3. ``workers``: the transcriptions under way; ``texts``: what their transcripts are worth
4. ``order``, ``talk``: the finals of a call in the order in which the utterances ended
5. ``scribe``: all of it together, one ``Ear`` for each party; ``load``: how far behind it is
"""
