"""The embedded target systems: small real servers in a process of their own, to try idm out and to test it."""
