"""What outlives the process: lessons, versions, trays, on SQLite or PostgreSQL."""
