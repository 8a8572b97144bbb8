"""The transcription sidecar: what people say to each other on the PBX, live, as text.

The speech side, in the order in which audio passes it:

1. ``utterances``: where each party's speech begins, pauses and ends
2. ``backlog``: what waits to be transcribed, fair to every party; finals before everything else
3. ``order``: the finals of a call in the order in which the utterances ended
4. ``scribe``: the workers that do it, one ``Ear`` for each party; ``load``: how far behind they are
"""
