"""Replies without a script, derived from the request.

Every tool that is offered is called once, in turn, with arguments its schema accepts; then comes a text. Where the
request asks for a JSON schema, the text is an object that it accepts. The same request gets the same reply.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from llmclient.protocols import Capability
from llmclient.testing.call import Call
from llmclient.testing.chaos import fingerprint
from llmclient.testing.reply import Reply, ScriptedToolCall
from llmclient.testing.schema_values import SchemaValues


class AutoReplies:
    """The fallback of a script under `llm.auto()`.

    Args:
        seed: another seed makes other values.
    """

    def __init__(self, seed: object = 0) -> None:
        self.seed = seed

    def __call__(self, call: Call) -> Reply:
        """The reply to `call`."""
        if call.capability is not Capability.CHAT:
            return Reply(text=f"A transcript by {call.model}.")
        values = SchemaValues(f"{self.seed}:{fingerprint(call).hex()}")
        tool = self._next_tool(call)
        if tool is not None:
            arguments = values.value(tool.get("parameters") or {"type": "object"})
            return Reply(tool_calls=(ScriptedToolCall(str(tool["name"]), json.dumps(arguments)),))
        schema = call.json_schema
        if schema is not None:
            return Reply(text=json.dumps(values.value(schema)))
        if _wants_json(call):
            return Reply(text="{}")
        results = call.tool_results
        if results:
            return Reply(text=f"With {', '.join(text for _, text in results)}: that is the answer.")
        return Reply(text=f"An answer to: {call.text}")

    @staticmethod
    def _next_tool(call: Call) -> Mapping[str, object] | None:
        choice = call.params.get("tool_choice")
        if choice == "none":
            return None
        called = called_since_user(call.messages)
        offered = [tool for tool in call.tools if tool.get("name")]
        if isinstance(choice, Mapping):
            function = cast("Mapping[str, object]", choice).get("function")
            name = cast("Mapping[str, object]", function).get("name") if isinstance(function, Mapping) else None
            offered = [tool for tool in offered if tool.get("name") == name]
        return next((tool for tool in offered if tool["name"] not in called), None)


def called_since_user(messages: Sequence[Mapping[str, object]]) -> set[str]:
    """Names of the tools that were called since the last user message."""
    names: set[str] = set()
    for message in reversed(messages):
        if message.get("role") == "user":
            break
        for made in cast("Sequence[Mapping[str, object]]", message.get("tool_calls") or ()):
            names.add(str(cast("Mapping[str, object]", made.get("function") or {}).get("name", "")))
    return names


def _wants_json(call: Call) -> bool:
    wanted = call.params.get("response_format")
    return isinstance(wanted, Mapping) and cast("Mapping[str, object]", wanted).get("type") == "json_object"
