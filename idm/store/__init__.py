"""The store: schema, migrations, and the statements that read and write. Frozen values cross its door, rows do not."""
