"""What recorded answers have and the fakes do not, a row each: kinds that no script can tell, and keys that vary.

Tests judge the rows against the recordings (`tests/testing/dialects/test_recorded_kinds.py`): each has to be met there,
and what differs without a row is a failure. `conformance.report` puts them into docs/spec-deviations.md.
"""

from __future__ import annotations

UNTELLABLE: dict[str, tuple[str, str]] = {
    "server tools": ("Anthropic, OpenAI", "a script calls the tools of the client; the vendor's own run nowhere"),
    "blocks in another order": ("Anthropic", "a script has thoughts, one text and tool calls, in this order"),
    "tools with a namespace": ("OpenAI", "part of the vendor's tool search"),
    "reasoning in several summaries": ("OpenAI", "a thought of a script is one text, so its item has one summary"),
    "responses of other hosts": (
        "DeepSeek, Bedrock, Azure, OpenRouter",
        "the fake's responses are OpenAI's: others add keys, leave some out, and tell reasoning in full",
    ),
    "an answer made by hand": ("OpenAI", "one recording of a response has keys that no other has"),
    "reasoning summaries": ("OpenRouter", "a thought of a script is `reasoning.text`, or encrypted"),
    "background mode": ("OpenAI", "the fakes answer at once; nothing is queued or fetched later"),
    "moderation": ("OpenAI", "a script has no verdict of a moderation"),
    "content in parts": ("gateways", "Mistral's thoughts stand in the content; a fake of it speaks as OpenAI does"),
    "no JSON": ("gateways", "a fake's answers are what their vendor means to send; faults spoil them"),
}
"""A kind of answer, as `support.retold` names it -> who gives it, and why no script does."""

VARYING: dict[str, dict[str, str]] = {
    "openai-chat": {
        ".choices[].logprobs": "models that reason leave it out where nobody asked",
        ".system_fingerprint": "null for most models that reason",
        ".service_tier": "search models leave it out",
    },
    "anthropic-messages": {
        ".stop_details": "newer answers",
        ".usage.inference_geo": "newer answers",
        ".content[tool_use].caller": "newer plain answers; no recorded stream has it",
        ".usage.iterations": "answers in which the server ran a model more than once",
        ".context_management": "answers to requests that manage their context",
        ".delta.stop_details": "newer answers",
        ".usage.cache_creation": "left out in the oldest answer",
    },
    "openrouter-chat": {
        ".service_tier": "since May 2026; null for some hosts",
        ".usage.is_byok": "left out in some answers in which server tools ran",
        ".usage.server_tool_use_details": "where server tools ran",
        ".usage.prompt_tokens_details": "its keys have grown from one to four",
        ".usage.completion_tokens_details": "its keys have grown from one to three, and its place has changed",
        ".usage.cost_details": "the cost upstream was null in 2025",
    },
    "openai-responses": {
        ".tools": "the vendor fills in defaults; the fake tells them as they were asked",
        ".reasoning.effort": "models that reason tell their default; the fake tells what was asked, or null",
        ".reasoning.context": "since June 2026",
        ".reasoning.mode": "since July 2026",
        ".reasoning.generate_summary": "until spring 2025, for `summary`",
        ".reasoning.summary": "since June 2025",
        ".moderation": "since April 2026",
        ".tool_usage": "since July 2026",
        ".billing": "since October 2025, in plain answers",
        ".conversation": "answers to requests in a conversation",
        ".prompt_cache_options": "answers to requests with them",
        ".completed_at": "since January 2026",
        ".frequency_penalty": "since January 2026",
        ".presence_penalty": "since January 2026",
        ".prompt_cache_retention": "since November 2025; null for some models",
        ".prompt_cache_key": "since September 2025",
        ".safety_identifier": "since September 2025",
        ".max_tool_calls": "since September 2025",
        ".top_logprobs": "since September 2025",
        ".background": "since June 2025",
        ".service_tier": "since June 2025",
        ".text.verbosity": "since September 2025",
        ".output[message].phase": "answers of GPT-5.4 and later",
        ".output[message].content[output_text].logprobs": "left out until June 2025",
        ".usage.input_tokens_details.cache_write_tokens": "since July 2026",
        ".output[reasoning].content": "an empty list, for some models, in plain answers",
    },
}
"""Keys that some recordings of an API have and others lack: file -> path -> when, by the recorded dates where
an answer has one. The fake writes one form for all models."""

OTHER_ORDER: dict[str, str] = {
    "test_anthropic/test_anthropic_model_thinking_part_redacted_stream.yaml#0": "2025: the model stood after the id",
    "test_openai_responses/test_openai_responses_streaming_usage.yaml#0": "2025: keys of events in another order",
    "test_openrouter/test_openrouter_web_search_annotations_stream.yaml#0": "no empty chunk before the first source",
}
"""Recorded streams whose keys or frames stand in another order than the fake's: source -> how."""
