"""Scripts as data: YAML and JSON files, what may stand in them, and errors that name the line."""
