"""The table of names of LiteLLM's that the layer has, by module. Tests walk it; the guide is checked against it."""

from __future__ import annotations

SUPPORTS = [
    "function_calling",
    "parallel_function_calling",
    "vision",
    "pdf_input",
    "response_schema",
    "prompt_caching",
    "audio_input",
    "audio_output",
    "web_search",
    "url_context",
    "reasoning",
    "computer_use",
    "system_messages",
    "tool_choice",
    "assistant_prefill",
    "native_streaming",
]
_SUPPORTS = " ".join(f"supports_{name}" for name in SUPPORTS)

ERRORS = {
    "AuthenticationError": 401,
    "PermissionDeniedError": 403,
    "NotFoundError": 404,
    "BadRequestError": 400,
    "ContextWindowExceededError": 400,
    "ContentPolicyViolationError": 400,
    "UnsupportedParamsError": 400,
    "UnprocessableEntityError": 422,
    "RateLimitError": 429,
    "Timeout": 408,
    "InternalServerError": 500,
    "BadGatewayError": 502,
    "ServiceUnavailableError": 503,
    "APIError": 500,
    "APIConnectionError": 500,
    "APIResponseValidationError": 500,
}

NAMES: dict[str, str] = {
    "litellm": (
        "embedding aembedding image_generation aimage_generation transcription atranscription speech aspeech "
        "completion acompletion Router ModelResponse Choices Message Usage completion_cost cost_per_token "
        "token_counter get_model_info get_max_tokens model_cost get_llm_provider get_supported_openai_params "
        "stream_chunk_builder "
        "drop_params callbacks success_callback failure_callback logging_callback_manager telemetry "
        f"disable_aiohttp_transport set_verbose exceptions {_SUPPORTS}"
    ),
    "litellm.utils": (
        "ModelResponse Message Choices Usage CustomStreamWrapper token_counter get_max_tokens "
        f"ChatCompletionMessageToolCall {_SUPPORTS}"
    ),
    "litellm.types.utils": (
        "ModelResponse ModelResponseStream Choices StreamingChoices Message Delta Usage Function "
        "ChatCompletionMessageToolCall ChatCompletionDeltaToolCall PromptTokensDetailsWrapper "
        "CompletionTokensDetailsWrapper EmbeddingResponse ImageResponse LlmProviders CostPerToken ModelInfo"
    ),
    "litellm.types.completion": (
        "ChatCompletionMessageParam ChatCompletionSystemMessageParam ChatCompletionUserMessageParam "
        "ChatCompletionAssistantMessageParam ChatCompletionToolMessageParam ChatCompletionFunctionMessageParam "
        "ChatCompletionContentPartTextParam ChatCompletionContentPartImageParam ImageURL Function "
        "ChatCompletionMessageToolCallParam"
    ),
    "litellm.types.llms.openai": "ChatCompletionFileObject ChatCompletionFileObjectFile AllMessageValues",
    "litellm.exceptions": " ".join([*ERRORS, "BudgetExceededError"]),
    "litellm.types.router": "RetryPolicy AllowedFailsPolicy",
    "litellm.main": "completion acompletion embedding aembedding stream_chunk_builder ModelResponse",
    "litellm.router": "Router RetryPolicy AllowedFailsPolicy",
    "litellm.integrations.custom_logger": "CustomLogger",
    "litellm.files.main": "ModelResponse",
    "litellm.litellm_core_utils.streaming_handler": "CustomStreamWrapper",
    "litellm.litellm_core_utils.logging_worker": "LoggingWorker",
    "litellm._logging": "ALL_LOGGERS",
    "litellm.llms.custom_httpx.async_client_cleanup": "close_litellm_async_clients",
    "litellm.cost_calculator": "completion_cost cost_per_token",
}
