"""Who answers: the registry, a folder for each vendor, and gateways as rows of one table."""
