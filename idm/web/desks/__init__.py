"""The desks: each kind of task as a page, and its form as a decision."""
