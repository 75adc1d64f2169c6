"""An answer as it comes, without async: `python examples/stream.py`. Needs ANTHROPIC_API_KEY."""

from __future__ import annotations

from llmclient import StreamInterruptedError, SyncModelRouter


def main() -> None:
    with SyncModelRouter("anthropic/claude-haiku-4-5") as router:
        try:
            with router.stream("Tell me a story of two sentences.") as stream:
                for chunk in stream:
                    print(chunk.text, end="", flush=True)
            print(f"\n{stream.response.usage}")
        except StreamInterruptedError as error:
            arrived = error.partial.text if error.partial else ""
            print(f"\n(the stream broke after {len(arrived)} characters)")


if __name__ == "__main__":
    main()
