"""Names that people know from elsewhere, over the public API."""
