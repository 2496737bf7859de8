"""The flows: one use case a file, each a few steps between the domain and the ports."""
