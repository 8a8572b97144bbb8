"""The README's examples, run by the tests."""
