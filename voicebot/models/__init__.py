"""Local models behind an OpenAI-compatible server, in a process of their own.

The media loop owns its process, so nothing here runs in it: ``LocalModels`` starts
``python -m voicebot.models`` with lower priority, waits until it is ready and restarts it when it
dies. Whoever wants speech or text talks to its ``base_url`` as to any OpenAI-compatible engine.

Read in this order:

1. ``weights``: where the files are, and that they are the ones that were tested
2. ``seams``: recogniser, synthesiser, chat model
3. ``whisper`` (``words``: in time), ``moonshine`` (``beams``), ``piper``, ``espeak``, ``llama``:
   the real ones
4. ``lane``, ``engines``: one queue for each model, loaded when it is needed; ``hearing``: several
   that hear the same
5. ``transcriptions`` (``answers``), ``speech``, ``chat``, ``catalogue``: the API's endpoints
6. ``server``: the process; ``supervisor``: its keeper in the main program
"""
