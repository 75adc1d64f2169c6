"""The wire formats that fakes speak. Nothing here is shared with `llmclient.providers`, which these formats judge."""
