"""`make bench`: how fast the engine is, and what it costs, beside the least that a database could do."""
