"""Connectors: one module per kind of target system, each with `connect(config, secret)`. They know nothing of each other."""
