"""Compiles what runs 50 times a second for each call, by mypyc, into extensions of C.

The source stays what it is: one package, which runs without being compiled too. ``MODULES`` are
those that were measured to gain. ``datagrams`` must not be one: compiled code lets go of a variable
after its last use, and the system would read from memory that is another's by then.

``hook`` does it whenever a wheel is built and there is a C compiler, as in ``pip install .``. An
editable installation runs the source. ``python3 -m voicebot.compiling`` is the tool by itself.
"""

MODULES = (
    "voicebot/media/content.py",
    "voicebot/media/lane.py",
    "voicebot/media/marks.py",
    "voicebot/media/phases.py",
    "voicebot/media/playout.py",
    "voicebot/media/receiver.py",
    "voicebot/media/rtp_stream.py",
    "voicebot/media/sender.py",
    "voicebot/turns/activity.py",
    "voicebot/turns/contest.py",
    "voicebot/turns/detector.py",
    "voicebot/turns/ease.py",
    "voicebot/turns/echo.py",
    "voicebot/turns/pitch.py",
    "voicebot/turns/states.py",
    "voicebot/turns/turntaker.py",
)
