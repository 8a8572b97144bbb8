"""What is kept of calls, and who is told: events, the database, JSON lines, the webhook.

1. ``events``: what is told of a call, the one seam between the house and everything here
2. ``opening``: builds all that follows and takes it down again
3. ``sinks``, ``masking``: numbers are taken out before anybody gets to see an event
4. ``outbox``, ``courier``, ``backlog``, ``spool``: an event waits, on disk, until it is taken
5. ``database``, ``writer``, ``tables``, ``schema``: the destination that keeps
6. ``webhook``, ``jsonl``: those that tell others
7. ``reading``, ``talk``, ``views``, ``exporting``: what is kept, read back
"""
