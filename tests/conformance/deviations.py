"""What the dialects do not do, a row each, with a probe that shows it: a row that no longer holds fails the suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from llmclient import SyncModelRouter, register_provider, unregister_provider
from llmclient.testing import FakeProvider, FakeServer, script
from llmclient.testing.dialects.wire import WireRequest, WireResponse
from llmclient.testing.faults.connection import CONNECTION_FAULTS
from llmclient.testing.harness import Harness
from llmclient.testing.player import WirePlayer
from llmclient.testing.reply import Reasoning, Reply, ScriptedToolCall
from llmclient.testing.turns import Turn
from support.wire import ask, events, request, said, sent

LONG = Reply(text="one two three four five")
RESPONSES = "/api/v1/responses"
BROKEN_CALL = Reply(tool_calls=(ScriptedToolCall("weather", '{"city": '),))


@dataclass(frozen=True)
class Deviation:
    """One row.

    Attributes:
        where: dialect or door.
        vendor: what the vendor does.
        fake: what the fake does.
        holds: shows that it is still so.
    """

    where: str
    vendor: str
    fake: str
    holds: Callable[[], bool]


def at(provider: str, path: str, reply: Reply | None = None, **fields: object) -> WireResponse:
    """The answer to a request at some path."""
    harness = Harness()
    if reply is not None:
        harness.script.add(Turn(action=reply))
    answer = WirePlayer(harness).answer(replace(request(provider, **fields), path=path))
    assert isinstance(answer, WireResponse)
    return answer


def seen(provider: str, path: str, **fields: object) -> int:
    """How many messages the script of a request sees."""
    harness = Harness()
    harness.script.add(Turn(action=LONG))
    WirePlayer(harness).answer(replace(request(provider, **fields), path=path))
    return len(harness.calls[0].messages)


def ask_gateway(reply: Reply) -> WireResponse:
    """The answer of a gateway."""
    harness = Harness()
    harness.script.add(Turn(action=reply))
    answer = WirePlayer(harness).answer(replace(request("openai"), provider="groq"))
    assert isinstance(answer, WireResponse)
    return answer


def listed(provider: str, path: str) -> WireResponse:
    """The answer to a GET."""
    answer = WirePlayer(Harness()).answer(WireRequest(method="GET", path=path, provider=provider))
    assert isinstance(answer, WireResponse)
    return answer


def choice(provider: str, reply: Reply = LONG, **fields: object) -> dict:
    return said(ask(provider, reply, **fields))["choices"][0]


def names(answer: WireResponse) -> str:
    return " ".join(name for name, _ in answer.headers)


OPENAI = (
    Deviation(
        "OpenAI",
        "answers with a dated snapshot of the model",
        "answers with the name that was asked, or the script's",
        lambda: said(ask("openai", LONG))["model"] == "gpt-5-mini",
    ),
    Deviation("OpenAI", "gives `n` choices", "gives one", lambda: len(said(ask("openai", LONG, n=2))["choices"]) == 1),
    Deviation(
        "OpenAI",
        "cuts the answer at `max_tokens`, `max_completion_tokens` and `stop`",
        "says what the script says",
        lambda: choice("openai", max_tokens=1, stop=["two"])["finish_reason"] == "stop",
    ),
    Deviation(
        "OpenAI",
        "gives `logprobs` when asked",
        "gives the script's, all of them with the first text where they are not its tokens; without a script none",
        lambda: choice("openai", logprobs=True)["logprobs"] is None,
    ),
    Deviation(
        "OpenAI",
        "holds an answer to `response_format`",
        "says what the script says; `auto()` makes objects that fit",
        lambda: choice("openai", response_format={"type": "json_object"})["message"]["content"] == LONG.text,
    ),
    Deviation(
        "OpenAI",
        "leaves `logprobs` out, with a `system_fingerprint` of null, where most models that reason answer",
        "has both for every model",
        lambda: (
            "logprobs" in choice("openai", model="gpt-5")
            and said(ask("openai", LONG, model="gpt-5"))["system_fingerprint"]
        ),
    ),
    Deviation(
        "OpenAI",
        "shows no reasoning in chat completions",
        "puts scripted reasoning into `reasoning_content`, as DeepSeek and others do",
        lambda: (
            choice("openai", Reply(text="4", reasoning=(Reasoning(text="hm"),)))["message"]["reasoning_content"] == "hm"
        ),
    ),
    Deviation(
        "OpenAI",
        "refuses a wrong key, wrong types and values out of range",
        "refuses what is no JSON, names no model or lacks what the endpoint is about (messages, input, prompt, file)",
        lambda: ask("openai", LONG, temperature=9).status == 200,
    ),
    Deviation(
        "OpenAI",
        "always tells rate limits in headers",
        "tells them where a quota is scripted",
        lambda: "ratelimit" not in names(ask("openai", LONG)),
    ),
    Deviation(
        "OpenAI",
        "has files, batches, moderations, fine-tuning and more",
        "has chat completions, responses, embeddings, images, audio and models; anything else is 404",
        lambda: at("openai", "/v1/moderations").status == at("openai", "/v1/files").status == 404,
    ),
    Deviation(
        "OpenAI",
        "makes images of the size and speech in the format that is asked",
        "gives one pixel of PNG and silence as WAV, where the script has nothing else",
        lambda: sent(at("openai", "/v1/audio/speech", Reply(), input="hi", response_format="mp3")).startswith(b"RIFF"),
    ),
    Deviation(
        "OpenAI",
        "goes on with a response it keeps (`previous_response_id`, `conversation`)",
        "keeps none: a script sees what the request brings",
        lambda: seen("openai", "/v1/responses", input="hello", previous_response_id="resp_1") == 1,
    ),
    Deviation(
        "OpenAI",
        "streams the sound of spoken answers",
        "has it in plain answers alone",
        lambda: b"audio_" not in sent(ask("openai", replace(LONG, audio=b"RIFF"), stream=True)),
    ),
    Deviation(
        "OpenAI",
        "streams images, speech and transcriptions when asked",
        "gives them whole",
        lambda: (
            at("openai", "/v1/images/generations", Reply(), prompt="a fox", stream=True).header("content-type")
            == "application/json"
        ),
    ),
    Deviation(
        "OpenAI",
        "times its transcriptions (`verbose_json`, `srt`, `vtt`)",
        "gives the text alone",
        lambda: (
            said(at("openai", "/v1/audio/transcriptions", Reply(text="hi"), file="x", response_format="verbose_json"))[
                "segments"
            ]
            == []
        ),
    ),
)
ANTHROPIC = (
    Deviation(
        "Anthropic",
        "sends pings whenever it likes",
        "sends one, after the first block has begun",
        lambda: [event["type"] for event in events(sent(ask("anthropic", LONG, stream=True)))].count("ping") == 1,
    ),
    Deviation(
        "Anthropic",
        "gives a tool's `input` as an object, whatever the model wrote",
        "tells scripted arguments that are no JSON as text in a plain answer, and as they are in a stream",
        lambda: isinstance(said(ask("anthropic", BROKEN_CALL))["content"][0]["input"], str),
    ),
    Deviation(
        "Anthropic",
        "runs server tools and shows their blocks",
        "runs none",
        lambda: (
            len(said(ask("anthropic", LONG, tools=[{"type": "web_search_20250305", "name": "web_search"}]))["content"])
            == 1
        ),
    ),
    Deviation(
        "Anthropic",
        "counts cached tokens where `cache_control` stands",
        "tells the script's usage",
        lambda: said(ask("anthropic", LONG))["usage"]["cache_read_input_tokens"] == 0,
    ),
    Deviation(
        "Anthropic",
        "ends at a stop sequence, and names it",
        "ends where the script says; with its finish reason `stop_sequence` it names the first that was asked for",
        lambda: (
            said(ask("anthropic", replace(LONG, finish_reason="stop_sequence"), stop_sequences=["x", "two"]))[
                "stop_sequence"
            ]
            == "x"
        ),
    ),
    Deviation(
        "Anthropic",
        "counts tokens with the model's tokenizer, images and tools too",
        "counts four characters of text a token, at `count_tokens` as in every usage",
        lambda: said(at("anthropic", "/v1/messages/count_tokens"))["input_tokens"] == 2,
    ),
    Deviation(
        "Anthropic",
        "goes on with a thread it keeps (`thread`, which the tool runner of its newest SDK asks for)",
        "keeps none: a script sees what the request brings",
        lambda: seen("anthropic", "/v1/messages", thread={"type": "continue", "previous_message_id": "msg_1"}) == 1,
    ),
    Deviation(
        "Anthropic",
        "wants a key and `anthropic-version`",
        "wants neither",
        lambda: ask("anthropic", LONG).status == 200,
    ),
    Deviation(
        "Anthropic",
        "has batches, files and skills",
        "has messages, `count_tokens` and models; anything else is 404",
        lambda: at("anthropic", "/v1/messages/batches").status == 404,
    ),
)
OPENROUTER = (
    Deviation(
        "OpenRouter",
        "names the host that served",
        'names "OpenAI"',
        lambda: said(ask("openrouter", LONG))["provider"] == "OpenAI",
    ),
    Deviation(
        "OpenRouter",
        "tells responses with keys and an order of its own",
        "tells OpenAI's responses, without the names of events and between comments",
        lambda: (
            "output_text" not in events(sent(ask("openrouter", LONG, input="hello", stream=True, path=RESPONSES)))[0]
        ),
    ),
    Deviation(
        "OpenRouter",
        "lists models with their prices and limits",
        "lists their names, as OpenAI does",
        lambda: set(said(listed("openrouter", "/api/v1/models"))["data"][0]) == {"id", "object", "created", "owned_by"},
    ),
    Deviation(
        "OpenRouter",
        "falls back along `models`",
        "answers as the model that was asked",
        lambda: said(ask("openrouter", LONG, models=["x/y"]))["model"] == "openai/gpt-5-mini",
    ),
    Deviation(
        "OpenRouter",
        "charges what its hosts charge",
        "charges what the script says, else the price table's price, else nothing",
        lambda: said(ask("openrouter", LONG, model="nobody/knows-it"))["usage"]["cost"] == 0.0,
    ),
    Deviation(
        "OpenRouter",
        "has finish reasons of the host's own in `native_finish_reason`",
        "repeats the finish reason",
        lambda: choice("openrouter")["native_finish_reason"] == "stop",
    ),
    Deviation(
        "OpenRouter",
        "has carried the usage in three kinds of frames over time",
        "carries it in a frame that tells the finish reason once more; `OpenRouterDialect(usage_carrier=…)` has"
        ' "no_choices" and "empty_choice"',
        lambda: events(sent(ask("openrouter", LONG, stream=True)))[-1]["choices"][0]["finish_reason"] == "stop",
    ),
)


GATEWAYS = (
    Deviation(
        "gateways",
        "have keys of their own, such as `x_groq` and `time_info`, and leave out some of OpenAI's",
        "speak as OpenAI does, with thoughts in `reasoning_content`, for Groq and Ollama in `reasoning`",
        lambda: set(said(ask_gateway(LONG))) == set(said(ask("openai", LONG))),
    ),
)


def takes_anything() -> bool:
    """Whether a message that no vendor knows goes through at the provider door, for a provider from outside."""
    register_provider("elsewhere", lambda name, config: FakeProvider(Harness(), name))
    try:
        with script() as llm:
            llm.on().reply("4")
            return SyncModelRouter("elsewhere/m").complete("2+2?", metadata={"a": object()}).text == "4"
    finally:
        unregister_provider("elsewhere")


def counts_what_was_written() -> bool:
    """Whether the words that Anthropic's encoder adds for a JSON object count at the transport, and not before."""
    counted: list[int] = []
    for door in ("provider", "transport"):
        with script(door=door) as llm:
            llm.on().reply("{}")
            with SyncModelRouter("anthropic/claude-haiku-4-5") as router:
                reply = router.complete("2+2?", response_format={"type": "json_object"})
        counted.append(reply.usage.prompt_tokens)
    return counted[0] < counted[1]


def without_tls() -> bool:
    """Whether the server's address is one without TLS."""
    with FakeServer(Harness()) as server:
        return server.base_url("openai").startswith("http://127.0.0.1:")


DOORS = (
    Deviation(
        "provider door",
        "gets what the provider's encoder made of a request, or an error where it refuses",
        "has the encoder of the library's own providers; for one from outside it takes every request as it is",
        takes_anything,
    ),
    Deviation(
        "provider door",
        "counts what was sent",
        "counts the messages as the caller wrote them, where the script has no usage, and not what an encoder adds",
        counts_what_was_written,
    ),
    Deviation(
        "server door",
        "fails before a connection is there",
        "resets the connection for DNS, TLS and refusal, and hangs for timeouts; a router of the same process sees the"
        " error itself",
        lambda: (
            {fault.exception for fault in CONNECTION_FAULTS}
            == {"ConnectError", "ReadError", "ConnectTimeout", "ReadTimeout"}
        ),
    ),
    Deviation(
        "server door",
        "speaks TLS and HTTP/2",
        "speaks HTTP/1.1 without TLS",
        without_tls,
    ),
)
DEVIATIONS = (*OPENAI, *ANTHROPIC, *OPENROUTER, *GATEWAYS, *DOORS)
