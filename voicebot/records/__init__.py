"""What is kept of calls, and who is told: events, the database, JSON lines, the webhook.

1. ``events``: what is told of a call, the one seam between the house and everything here
"""
