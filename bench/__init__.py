"""Measuring a voice bot from outside: phones, recordings, waits and loads."""
