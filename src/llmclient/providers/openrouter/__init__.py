"""OpenRouter: OpenAI's chat completions, with reasoning, cost and errors of its own."""
