"""Packets in, frames of 20 ms on, and back again.

The caller's way in: ``rtp``, ``jitter`` (order: ``sequence``; time: ``timeline``, ``drift``),
``codecs``, ``framing`` (``concealment``), joined in ``receiver``. The bot's way out: ``playout``
(``content``, ``marks``), then ``sender``. A call sees both as a ``stream``; ``endpoint`` is RTP
over UDP, and ``clock`` is what moves it. ``audio`` says what a frame is, ``statistics`` how well
it went.
"""
