"""The suite uses the plugin as any downstream suite would: asked for by name, here."""

pytest_plugins = ["llmclient.testing", "pytester"]
