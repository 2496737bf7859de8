"""The tests: unit/ mirrors idm/; contract/ runs every connector; acceptance/ uses real processes; fault/ kills them."""
