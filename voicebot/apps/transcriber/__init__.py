"""The transcription sidecar: what people say to each other on the PBX, live, as text.

The PBX side, in the order in which an event passes it:

1. ``tracker``: who talks with whom; ``policy``: whether that is wanted
2. ``notebook``, ``facts``: what has to be asked; ``register``: which talks are one call
3. ``transcriber``: follows the PBX, and has done what the register orders; ``recovery`` and
   ``memory``: what it meets after a gap or a crash
4. ``transcription``: one call, its ``clock`` and the ``consent`` of its people
5. ``party``: one of them; ``capture``: the voice, through channels and a bridge of ours; ``feed``:
   one capture after the other; ``quality``: how well it was heard
6. ``view``: what is shown of it

The speech side, in the order in which audio passes it:

1. ``utterances``: where each party's speech begins, pauses and ends
2. ``backlog``: what waits to be transcribed, fair to every party; ``shelf``: its audio
3. ``workers``: the transcriptions under way; ``patience``: how long a failing provider is asked
   again; ``texts``: what their transcripts are worth
4. ``order``, ``talk``: the finals of a call in the order in which the utterances ended
5. ``scribe``: all of it together, one ``Ear`` for each party; ``load``: how far behind it is, and
   ``tally``: how far it was in one call
"""
