"""What comes in from outside, read strictly: organisation files, hire events, answers to tasks. Every fault at once, no value repeated."""

from __future__ import annotations
