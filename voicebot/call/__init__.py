"""One conversation, from answer to hang-up.

It knows no PBX: it is given a media stream, three providers and one callable that transfers. Read
``conversation`` (who does what when), ``draft`` (a turn's transcript and reply, prepared on
probation), ``reply`` (from the language model to the caller's ear), ``voice`` (what is being said),
``tools``, ``history`` and ``timeline``.
"""
