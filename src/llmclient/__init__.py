"""One typed client and router for language models: OpenAI, Anthropic, OpenRouter and every compatible endpoint.

Importing this package imports nothing else: each name below is fetched from its room when it is first touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports
from llmclient._version import __version__ as __version__

if TYPE_CHECKING:
    from llmclient.clock import SystemClock as SystemClock
    from llmclient.errors import AllModelsFailedError as AllModelsFailedError
    from llmclient.errors import APIConnectionError as APIConnectionError
    from llmclient.errors import AuthenticationError as AuthenticationError
    from llmclient.errors import BadRequestError as BadRequestError
    from llmclient.errors import BudgetExceededError as BudgetExceededError
    from llmclient.errors import ConfigurationError as ConfigurationError
    from llmclient.errors import ContentPolicyError as ContentPolicyError
    from llmclient.errors import ContextWindowExceededError as ContextWindowExceededError
    from llmclient.errors import DeploymentUnavailableError as DeploymentUnavailableError
    from llmclient.errors import ErrorCategory as ErrorCategory
    from llmclient.errors import InvalidAnswerError as InvalidAnswerError
    from llmclient.errors import InvalidMessageError as InvalidMessageError
    from llmclient.errors import LLMClientError as LLMClientError
    from llmclient.errors import MalformedResponseError as MalformedResponseError
    from llmclient.errors import MissingAPIKeyError as MissingAPIKeyError
    from llmclient.errors import MissingDependencyError as MissingDependencyError
    from llmclient.errors import NotFoundError as NotFoundError
    from llmclient.errors import OverloadedError as OverloadedError
    from llmclient.errors import PermissionDeniedError as PermissionDeniedError
    from llmclient.errors import ProviderError as ProviderError
    from llmclient.errors import QuotaExceededError as QuotaExceededError
    from llmclient.errors import RateLimitError as RateLimitError
    from llmclient.errors import RefusalError as RefusalError
    from llmclient.errors import RequestError as RequestError
    from llmclient.errors import RequestTimeoutError as RequestTimeoutError
    from llmclient.errors import ServerError as ServerError
    from llmclient.errors import StreamInterruptedError as StreamInterruptedError
    from llmclient.errors import StructuredOutputError as StructuredOutputError
    from llmclient.errors import TruncatedAnswerError as TruncatedAnswerError
    from llmclient.errors import UnknownProviderError as UnknownProviderError
    from llmclient.errors import UnsupportedCapabilityError as UnsupportedCapabilityError
    from llmclient.errors import UnsupportedParameterError as UnsupportedParameterError
    from llmclient.middleware.base import Around as Around
    from llmclient.middleware.base import Middleware as Middleware
    from llmclient.middleware.events import RouterEvent as RouterEvent
    from llmclient.protocols import Capability as Capability
    from llmclient.protocols import Clock as Clock
    from llmclient.providers.capabilities import find_providers as find_providers
    from llmclient.providers.capabilities import get_provider_capabilities as get_provider_capabilities
    from llmclient.providers.config import ProviderConfig as ProviderConfig
    from llmclient.providers.registry import get_provider as get_provider
    from llmclient.providers.registry import list_providers as list_providers
    from llmclient.providers.registry import override_providers as override_providers
    from llmclient.providers.registry import register_provider as register_provider
    from llmclient.providers.registry import unregister_provider as unregister_provider
    from llmclient.routing.bulk import MapResult as MapResult
    from llmclient.routing.policy.health import Health as Health
    from llmclient.routing.policy.settings import Breaker as Breaker
    from llmclient.routing.policy.settings import Budget as Budget
    from llmclient.routing.policy.settings import Hedge as Hedge
    from llmclient.routing.policy.settings import Limits as Limits
    from llmclient.routing.policy.stats import DeploymentStats as DeploymentStats
    from llmclient.routing.policy.stats import Percentiles as Percentiles
    from llmclient.routing.policy.stats import RouterStats as RouterStats
    from llmclient.routing.policy.store import MemoryStore as MemoryStore
    from llmclient.routing.policy.store import Store as Store
    from llmclient.routing.policy.strategies import Standing as Standing
    from llmclient.routing.router import ModelRouter as ModelRouter
    from llmclient.routing.streams import ModelStream as ModelStream
    from llmclient.routing.structured.parsing import Parsed as Parsed
    from llmclient.routing.structured.streams import PartialStream as PartialStream
    from llmclient.routing.structured.streams import SyncPartialStream as SyncPartialStream
    from llmclient.routing.sync_router import SyncModelRouter as SyncModelRouter
    from llmclient.routing.sync_streams import SyncModelStream as SyncModelStream
    from llmclient.types.cost import Cost as Cost
    from llmclient.types.embeddings import EmbeddingResponse as EmbeddingResponse
    from llmclient.types.images import ImageResponse as ImageResponse
    from llmclient.types.models import ModelInfo as ModelInfo
    from llmclient.types.models import ModelList as ModelList
    from llmclient.types.policy import Attempt as Attempt
    from llmclient.types.policy import Decision as Decision
    from llmclient.types.policy import Deployment as Deployment
    from llmclient.types.policy import RetryPolicy as RetryPolicy
    from llmclient.types.policy import Timeouts as Timeouts
    from llmclient.types.response import Choice as Choice
    from llmclient.types.response import Message as Message
    from llmclient.types.response import ModelResponse as ModelResponse
    from llmclient.types.response import ToolCall as ToolCall
    from llmclient.types.response import Usage as Usage
    from llmclient.types.speech import Speech as Speech
    from llmclient.types.speech import SyncSpeech as SyncSpeech
    from llmclient.types.stream import StreamChunk as StreamChunk
    from llmclient.types.transcription import TranscriptionResponse as TranscriptionResponse

__all__ = [
    "APIConnectionError",
    "AllModelsFailedError",
    "Around",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "Breaker",
    "Budget",
    "BudgetExceededError",
    "Capability",
    "Choice",
    "Clock",
    "ConfigurationError",
    "ContentPolicyError",
    "ContextWindowExceededError",
    "Cost",
    "Decision",
    "Deployment",
    "DeploymentStats",
    "DeploymentUnavailableError",
    "EmbeddingResponse",
    "ErrorCategory",
    "Health",
    "Hedge",
    "ImageResponse",
    "InvalidAnswerError",
    "InvalidMessageError",
    "LLMClientError",
    "Limits",
    "MalformedResponseError",
    "MapResult",
    "MemoryStore",
    "Message",
    "Middleware",
    "MissingAPIKeyError",
    "MissingDependencyError",
    "ModelInfo",
    "ModelList",
    "ModelResponse",
    "ModelRouter",
    "ModelStream",
    "NotFoundError",
    "OverloadedError",
    "Parsed",
    "PartialStream",
    "Percentiles",
    "PermissionDeniedError",
    "ProviderConfig",
    "ProviderError",
    "QuotaExceededError",
    "RateLimitError",
    "RefusalError",
    "RequestError",
    "RequestTimeoutError",
    "RetryPolicy",
    "RouterEvent",
    "RouterStats",
    "ServerError",
    "Speech",
    "Standing",
    "Store",
    "StreamChunk",
    "StreamInterruptedError",
    "StructuredOutputError",
    "SyncModelRouter",
    "SyncModelStream",
    "SyncPartialStream",
    "SyncSpeech",
    "SystemClock",
    "Timeouts",
    "ToolCall",
    "TranscriptionResponse",
    "TruncatedAnswerError",
    "UnknownProviderError",
    "UnsupportedCapabilityError",
    "UnsupportedParameterError",
    "Usage",
    "find_providers",
    "get_provider",
    "get_provider_capabilities",
    "list_providers",
    "override_providers",
    "register_provider",
    "unregister_provider",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "APIConnectionError": "llmclient.errors",
        "AllModelsFailedError": "llmclient.errors",
        "Around": "llmclient.middleware.base",
        "Attempt": "llmclient.types.policy",
        "AuthenticationError": "llmclient.errors",
        "BadRequestError": "llmclient.errors",
        "Breaker": "llmclient.routing.policy.settings",
        "Budget": "llmclient.routing.policy.settings",
        "BudgetExceededError": "llmclient.errors",
        "Capability": "llmclient.protocols",
        "Choice": "llmclient.types.response",
        "Clock": "llmclient.protocols",
        "ConfigurationError": "llmclient.errors",
        "ContentPolicyError": "llmclient.errors",
        "ContextWindowExceededError": "llmclient.errors",
        "Cost": "llmclient.types.cost",
        "Decision": "llmclient.types.policy",
        "Deployment": "llmclient.types.policy",
        "DeploymentStats": "llmclient.routing.policy.stats",
        "DeploymentUnavailableError": "llmclient.errors",
        "EmbeddingResponse": "llmclient.types.embeddings",
        "ErrorCategory": "llmclient.errors",
        "Health": "llmclient.routing.policy.health",
        "Hedge": "llmclient.routing.policy.settings",
        "ImageResponse": "llmclient.types.images",
        "InvalidAnswerError": "llmclient.errors",
        "InvalidMessageError": "llmclient.errors",
        "LLMClientError": "llmclient.errors",
        "Limits": "llmclient.routing.policy.settings",
        "MalformedResponseError": "llmclient.errors",
        "MapResult": "llmclient.routing.bulk",
        "MemoryStore": "llmclient.routing.policy.store",
        "Message": "llmclient.types.response",
        "Middleware": "llmclient.middleware.base",
        "MissingAPIKeyError": "llmclient.errors",
        "MissingDependencyError": "llmclient.errors",
        "ModelInfo": "llmclient.types.models",
        "ModelList": "llmclient.types.models",
        "ModelResponse": "llmclient.types.response",
        "ModelRouter": "llmclient.routing.router",
        "ModelStream": "llmclient.routing.streams",
        "NotFoundError": "llmclient.errors",
        "OverloadedError": "llmclient.errors",
        "Parsed": "llmclient.routing.structured.parsing",
        "PartialStream": "llmclient.routing.structured.streams",
        "Percentiles": "llmclient.routing.policy.stats",
        "PermissionDeniedError": "llmclient.errors",
        "ProviderConfig": "llmclient.providers.config",
        "ProviderError": "llmclient.errors",
        "QuotaExceededError": "llmclient.errors",
        "RateLimitError": "llmclient.errors",
        "RefusalError": "llmclient.errors",
        "RequestError": "llmclient.errors",
        "RequestTimeoutError": "llmclient.errors",
        "RetryPolicy": "llmclient.types.policy",
        "RouterEvent": "llmclient.middleware.events",
        "RouterStats": "llmclient.routing.policy.stats",
        "ServerError": "llmclient.errors",
        "Speech": "llmclient.types.speech",
        "Standing": "llmclient.routing.policy.strategies",
        "Store": "llmclient.routing.policy.store",
        "StreamChunk": "llmclient.types.stream",
        "StreamInterruptedError": "llmclient.errors",
        "StructuredOutputError": "llmclient.errors",
        "SyncModelRouter": "llmclient.routing.sync_router",
        "SyncModelStream": "llmclient.routing.sync_streams",
        "SyncPartialStream": "llmclient.routing.structured.streams",
        "SyncSpeech": "llmclient.types.speech",
        "SystemClock": "llmclient.clock",
        "Timeouts": "llmclient.types.policy",
        "ToolCall": "llmclient.types.response",
        "TranscriptionResponse": "llmclient.types.transcription",
        "TruncatedAnswerError": "llmclient.errors",
        "UnknownProviderError": "llmclient.errors",
        "UnsupportedCapabilityError": "llmclient.errors",
        "UnsupportedParameterError": "llmclient.errors",
        "Usage": "llmclient.types.response",
        "find_providers": "llmclient.providers.capabilities",
        "get_provider": "llmclient.providers.registry",
        "get_provider_capabilities": "llmclient.providers.capabilities",
        "list_providers": "llmclient.providers.registry",
        "override_providers": "llmclient.providers.registry",
        "register_provider": "llmclient.providers.registry",
        "unregister_provider": "llmclient.providers.registry",
    },
)
