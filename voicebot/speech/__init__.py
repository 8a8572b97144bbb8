"""Text from speech, an answer, speech from text.

Read ``protocols`` first: the three seams. ``prompt`` is what the receptionist knows and ``phrases``
its fixed sentences. Behind the seams are ``openai`` and ``openai_chat`` (any server that speaks the
OpenAI API) and ``scripted`` (no model at all: ``understanding`` and the table of ``decisions``),
around them ``fallback`` and ``cache``. ``clauses`` and ``reading`` prepare text to be spoken.
``providers`` builds what the settings ask for.
"""
