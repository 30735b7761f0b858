"""The rules of the model, each once, as a small compiled scalar function.

A rule takes numbers and a world record and returns numbers; it has no state and draws only by
address. Both clocks call the same rules.
"""
