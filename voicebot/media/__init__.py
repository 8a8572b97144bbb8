"""Packets in, frames of 20 ms on, and back again.

The caller's way in: ``rtp``, ``jitter`` (order: ``sequence``; time: ``timeline``, ``drift``),
``codecs``, ``framing`` (``concealment``), joined in ``receiver``. The bot's way out: ``playout``
(``content``, ``marks``), then ``sender``. A call sees both as a ``stream``. ``audio`` says what a
frame is, ``statistics`` how well it went.

That is one call. ``endpoint`` is RTP over UDP for all of them: ``datagrams`` reads and sends many
with one system call, ``exchange`` finds out whose they are, ``lane`` does for many calls at once
what ``receiver`` would do with each one's next packet (``steady``), and leaves to it whatever is
out of the ordinary. ``clock`` moves it all, ``batch`` by ``batch``. Where there are more calls than
the core carries, ``overload`` chooses who is not heard for a while.
"""
