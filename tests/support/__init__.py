"""What the core's tests stand on: a clock set by hand, target systems in memory, and an installation on either database."""
