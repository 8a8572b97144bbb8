"""One conversation, from answer to hang-up.

It knows no PBX: it is given a media stream, three providers and one callable that transfers. Read
``conversation`` (who does what when), ``hearing`` (from turn events to answers), ``reply`` (from
the language model to the caller's ear), ``voice`` (what is being said), ``desk`` (tools and
transfers), ``history`` and ``timeline``.
"""
