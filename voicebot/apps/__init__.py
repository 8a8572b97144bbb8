"""What a channel that enters Stasis is given.

Read ``receptionist`` (all calls), ``calls`` (one call), ``legs`` (a channel joined to a media
stream, and its end), ``transfers`` (reaching a colleague), ``talks`` (two people connected) and
``switchboard`` (who hears of which event).
"""
