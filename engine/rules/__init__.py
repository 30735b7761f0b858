"""How the world works: each rule of the model once, as a small compiled scalar function.

A rule takes numbers and a world record and returns numbers; it keeps no state and draws only by
address. Both clocks call the same rules.
"""
