"""The domain: what a case, a journey, an authority and a desired state are, without I/O, frameworks or a clock.

Everything here is a pure function of its arguments. Now, today, identifiers and policies come in as values.
"""
