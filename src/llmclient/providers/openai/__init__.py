"""OpenAI, and what speaks its chat completions: the encoder and the decoders that the gateways and OpenRouter use."""
