"""The web: health, readiness, and the door for hire events."""
