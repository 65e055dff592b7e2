"""The search itself, as plain functions over flat lists: runs as it is, and compiled where numba is there.

Rules for code in here: whole numbers and flat lists (or arrays) only; no classes but the named tuples of `data.py`, no
dictionaries, no exceptions, no big integers (everything fits into 63 bits). `compiled.py` replaces the functions by
compiled ones; both give the same plan for the same problem, seed and iterations.
"""
