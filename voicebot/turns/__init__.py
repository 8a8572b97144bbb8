"""Who speaks, and whose turn it is: pure classes that count samples and read no clock.

1. ``activity``: is this frame voice, how loud is it, how loud is the line when nobody speaks
2. ``detector``: where speech starts and pauses, and its audio; ``ease``: where nothing can happen
   for a while
3. ``echo``, ``pitch``, ``silero``: sound that is no speech of the caller's, asked by ``opinions``
4. ``languages`` (``tables``, ``english``, ``russian``), ``words``, ``vocabulary``: what the
   decisions know about words
5. ``endpointing``, ``expectation``: how much silence ends the turn; ``completeness``,
   ``completion``, ``evidence``, ``smart_turn``: how likely it is over
6. ``contest``, ``interruption``, ``belief``: whether the bot yields
7. ``states``, ``turntaker``: the turn, as a table and the class that drives it
"""
