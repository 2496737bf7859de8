"""`make campaign`: many hires, many mishaps, by seed; each run must end as if nothing had happened. Resumes where it stopped."""
