"""The demo: the whole job on an invented municipality, played openly and checked against what the target systems say."""
