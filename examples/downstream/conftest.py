"""All that a suite needs."""

pytest_plugins = ["llmclient.testing"]
