"""The wire formats a fake speaks: a request's bytes into a call, a reply or a fault into an answer's bytes.

They share no code with `llmclient.providers`: an oracle built from what it judges hides its bugs. What they emit is
held against recorded traffic, and read by the vendors' own SDKs, in `tests/testing/dialects/`.
"""
