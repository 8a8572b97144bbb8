"""Packets in, frames of 20 ms on, and back again.

Read ``audio``, ``rtp``, ``jitter``, ``playout``, ``codecs``, then the two ends: ``stream`` (what a
call sees), ``endpoint`` (RTP over UDP) and ``clock`` (what moves it).
"""
