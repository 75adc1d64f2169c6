"""`Router`: groups, fallbacks, retries, subclasses, and many routers at once."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
import weakref

import openai
import pytest

from llmclient import testing as fake
from llmclient.compat import litellm
from llmclient.compat.litellm.router import AllowedFailsPolicy, RetryPolicy, Router
from llmclient.testing import script


def row(name: str, model: str | None = None, **params: object) -> dict:
    return {"model_name": name, "litellm_params": {"model": model or name, **params}}


TWO = [row("gpt-4o"), row("claude-haiku-4-5")]


class TestConstructor:
    def test_takes_every_option_of_litellms(self):
        Router(
            model_list=TWO,
            num_retries=1,
            timeout=30,
            stream_timeout=30,
            set_verbose=True,
            debug_level="DEBUG",
            client_ttl=3600,
            polling_interval=1,
            retry_after=0,
            allowed_fails=2,
            cooldown_time=3,
            routing_strategy="latency-based-routing",
            retry_policy=RetryPolicy(RateLimitErrorRetries=1),
            allowed_fails_policy=AllowedFailsPolicy(TimeoutErrorAllowedFails=3),
            enable_pre_call_checks=True,
            cache_responses=False,
            redis_host=None,
            default_litellm_params={},
        )

    @pytest.mark.parametrize("name", ["cache_responses", "redis_host", "provider_budget_config", "guardrail_list"])
    def test_an_option_without_a_counterpart_names_what_to_use(self, name):
        with pytest.raises(TypeError, match=f"{name}=; use "):
            Router(model_list=TWO, **{name: "x"})

    def test_an_option_nobody_has_is_an_error(self):
        with pytest.raises(TypeError, match="num_retires"):
            Router(model_list=TWO, num_retires=1)

    def test_a_strategy_nobody_has_is_an_error(self):
        with pytest.raises(TypeError, match="simple-shuffle"):
            Router(model_list=TWO, routing_strategy="astrology")

    def test_unknown_models_are_no_matter_until_they_are_asked(self):
        Router(model_list=[row("mock-model")])

    def test_is_weakly_referable(self):
        router = Router(model_list=TWO)
        assert weakref.ref(router)() is router

    def test_the_list_keeps_order_and_length_and_can_be_assigned(self):
        router = Router(model_list=TWO)
        assert [entry["model_name"] for entry in router.model_list] == ["gpt-4o", "claude-haiku-4-5"]
        router.model_list = [row("gpt-4o")]
        assert router.get_model_names() == ["gpt-4o"]

    def test_every_row_has_an_id(self):
        rows = [*TWO, {**row("gpt-4o"), "model_info": {"id": "mine", "db_model": False}}]
        router = Router(model_list=rows)
        ids = [entry["model_info"]["id"] for entry in router.model_list]
        assert ids[2] == "mine"
        assert len(set(ids)) == 3
        assert [entry["model_info"]["id"] for entry in Router(model_list=rows).model_list] == ids
        assert "model_info" not in TWO[0]
        assert router.model_names == {"gpt-4o", "claude-haiku-4-5"}

    def test_options_are_attributes_with_litellms_defaults(self, monkeypatch):
        router = Router(model_list=TWO, set_verbose=True)
        assert (router.num_retries, router.allowed_fails, router.cooldown_time) == (2, 3, 5.0)
        assert router.set_verbose
        monkeypatch.setattr(litellm, "num_retries", 7)
        assert Router(model_list=TWO).num_retries == 7

    @pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda router: pickle.loads(pickle.dumps(router))])
    async def test_can_be_copied_and_pickled(self, llm, ask, make):
        llm.on("*").reply("x", times=None)
        router = Router(model_list=TWO, num_retries=1)
        await router.acompletion(model="gpt-4o", messages=ask)
        other = make(router)
        assert (other.model_list, other.num_retries) == (router.model_list, 1)
        await other.acompletion(model="gpt-4o", messages=ask)


class TestGroups:
    async def test_a_group_is_asked_by_its_name(self, llm, ask):
        llm.on("openai/gpt-4o").reply("a")
        router = Router(model_list=[row("fast", "openai/gpt-4o")])
        response = await router.acompletion(model="fast", messages=ask)
        assert response.choices[0].message.content == "a"

    async def test_an_unknown_group_lists_the_known_ones(self, ask):
        with pytest.raises(litellm.BadRequestError, match="gpt-4o, claude-haiku-4-5"):
            await Router(model_list=TWO).acompletion(model="other", messages=ask)

    async def test_aliases_and_wildcards_and_ids(self, llm, ask):
        llm.on("openai/gpt-4o").reply("x", times=3)
        rows = [{**row("fast", "openai/gpt-4o"), "model_info": {"id": "7"}}, row("openai/*", "openai/*")]
        router = Router(model_list=rows, model_group_alias={"quick": "fast"})
        for name in ("quick", "openai/gpt-4o", "7"):
            await router.acompletion(model=name, messages=ask)
        assert llm.calls.models == ["openai/gpt-4o"] * 3

    async def test_a_list_assigned_later_is_used(self, llm, ask):
        llm.on("anthropic/*").reply("x")
        router = Router(model_list=TWO)
        router.model_list = [row("gpt-4o", "claude-haiku-4-5")]
        await router.acompletion(model="gpt-4o", messages=ask)

    async def test_a_rows_own_parameters_are_sent_under_the_calls(self, llm, ask):
        llm.on("*").reply("x", times=2)
        router = Router(model_list=[row("gpt-4o", temperature=0.2, litellm_provider="openai", supports_vision=True)])
        await router.acompletion(model="gpt-4o", messages=ask)
        assert dict(llm.calls[-1].call.params) == {"temperature": 0.2}
        await router.acompletion(model="gpt-4o", messages=ask, temperature=0.9)
        assert llm.calls[-1].call.params["temperature"] == 0.9

    async def test_a_rows_price_is_the_price(self, llm, ask):
        llm.on("*").reply("x", usage={"prompt_tokens": 10, "completion_tokens": 1})
        prices = {"input_cost_per_token": 1.0, "output_cost_per_token": 2.0}
        response = await Router(model_list=[row("gpt-4o", **prices)]).acompletion(model="gpt-4o", messages=ask)
        assert litellm.completion_cost(response) == 12.0
        assert response._hidden_params["response_cost"] == 12.0

    def test_sync_calls_and_an_available_deployment(self, llm, ask):
        llm.on("*").reply("x")
        router = Router(model_list=TWO)
        assert router.completion(model="gpt-4o", messages=ask).choices[0].message.content == "x"
        assert router.get_available_deployment("gpt-4o")["litellm_params"]["model"] == "gpt-4o"

    async def test_limits_and_variables_of_a_row(self, llm, ask, monkeypatch):
        monkeypatch.setenv("MY_KEY", "sk-mine")
        llm.on("*").reply("x", times=None)
        limits = {"rpm": 100, "tpm": 100_000, "max_parallel_requests": 2, "order": 1, "timeout": 5, "weight": 2}
        router = Router(model_list=[row("a", "openai/gpt-4o", api_key="os.environ/MY_KEY", **limits)])
        assert (await router.acompletion(model="a", messages=ask)).choices[0].message.content == "x"

    async def test_rows_of_one_group_with_different_parameters_are_refused(self, ask):
        rows = [row("a", "openai/gpt-4o", temperature=0.1), row("a", "openai/gpt-4.1", temperature=0.2)]
        with pytest.raises(TypeError, match="different temperature in one group"):
            await Router(model_list=rows).acompletion(model="a", messages=ask)

    async def test_a_row_without_a_model_is_an_error(self, ask):
        with pytest.raises(TypeError, match="litellm_params with a model"):
            await Router(model_list=[{"model_name": "a", "litellm_params": {}}]).acompletion(model="a", messages=ask)

    def test_the_list_is_read_and_written(self):
        router = Router(model_list=TWO)
        router.add_deployment(row("c", "openai/gpt-4.1"))
        assert [entry["model_name"] for entry in router.get_model_list()] == ["gpt-4o", "claude-haiku-4-5", "c"]
        assert [entry["litellm_params"]["model"] for entry in router.get_model_list("c")] == ["openai/gpt-4.1"]

    async def test_nobody_is_available_where_all_are_set_aside(self, llm, ask):
        llm.on("*").fail(fake.Auth(), times=None)
        router = Router(model_list=[row("gpt-4o")], num_retries=0, allowed_fails=0)
        with pytest.raises(litellm.AuthenticationError):
            await router.acompletion(model="gpt-4o", messages=ask)
        with pytest.raises(litellm.RateLimitError, match="set aside"):
            router.get_available_deployment("gpt-4o")
        with pytest.raises(litellm.BadRequestError, match="no deployment"):
            router.get_available_deployment("other")

    async def test_it_can_be_closed_and_asked_again(self, llm, ask):
        llm.on("*").reply("x", times=None)
        router = Router(model_list=TWO)
        for close in (router.reset, router.discard):
            await router.acompletion(model="gpt-4o", messages=ask)
            close()
        await router.acompletion(model="gpt-4o", messages=ask)
        await router.aclose()

    async def test_a_bare_text_is_a_users_message(self, llm):
        llm.on("*").reply(lambda call: call.text.upper())
        answer = await Router(model_list=TWO).atext_completion(model="gpt-4o", prompt="hi")
        assert answer.choices[0].message.content == "HI"


class TestRetries:
    @pytest.mark.parametrize(
        ("fault", "tries", "name"),
        [
            (fake.ServerFailure(), 3, "InternalServerError"),
            (fake.RateLimit(), 3, "RateLimitError"),
            (fake.BadRequest(), 3, "BadRequestError"),
            (fake.ReadTimeout(), 3, "Timeout"),
            (fake.Auth(), 1, "AuthenticationError"),
            (fake.NotFound(), 1, "NotFoundError"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_without_fallbacks_the_first_model_is_tried_so_often(self, llm, ask, fault, tries, name):
        llm.on("openai/*").fail(fault, times=None)
        with pytest.raises(getattr(litellm, name)) as caught:
            await Router(model_list=TWO).acompletion(model="gpt-4o", messages=ask)
        assert llm.calls.models == ["openai/gpt-4o"] * tries
        assert isinstance(caught.value, getattr(openai, {"Timeout": "APITimeoutError"}.get(name, name)))

    async def test_the_number_can_be_set_for_the_router_a_kind_and_a_call(self, llm, ask):
        llm.on("*").fail(fake.ServerFailure(), times=None)
        with pytest.raises(litellm.InternalServerError):
            await Router(model_list=TWO, num_retries=0).acompletion(model="gpt-4o", messages=ask)
        own = RetryPolicy(InternalServerErrorRetries=1)
        with pytest.raises(litellm.InternalServerError):
            await Router(model_list=TWO, retry_policy=own).acompletion(model="gpt-4o", messages=ask)
        with pytest.raises(litellm.InternalServerError):
            await Router(model_list=TWO).acompletion(model="gpt-4o", messages=ask, num_retries=3)
        assert len(llm.calls) == 1 + 2 + 4


class TestFallbacks:
    async def test_a_group_has_its_own(self, llm, ask):
        llm.on("openai/*").fail(fake.Auth())
        llm.on("anthropic/*").reply("b")
        router = Router(model_list=TWO, fallbacks=[{"gpt-4o": ["claude-haiku-4-5"]}])
        assert (await router.acompletion(model="gpt-4o", messages=ask)).choices[0].message.content == "b"

    async def test_they_may_be_named_by_the_call_and_be_no_row_at_all(self, llm, ask):
        llm.on("openai/gpt-4o").fail(fake.Auth(), times=None)
        llm.on("openai/gpt-4.1").reply("b", times=None)
        router = Router(model_list=TWO)
        for entry in ("openai/gpt-4.1", {"model": "openai/gpt-4.1", "api_key": "sk-test"}):
            rows = [{"gpt-4o": [entry]}] if isinstance(entry, dict) else [entry]
            response = await router.acompletion(model="gpt-4o", messages=ask, fallbacks=rows)
            assert response.choices[0].message.content == "b"

    async def test_defaults_serve_who_has_none(self, llm, ask):
        llm.on("openai/*").fail(fake.Auth())
        llm.on("anthropic/*").reply("b")
        router = Router(model_list=TWO, default_fallbacks=["claude-haiku-4-5"])
        assert (await router.acompletion(model="gpt-4o", messages=ask)).choices[0].message.content == "b"

    async def test_a_conversation_too_long_goes_to_its_own_list_and_then_to_the_general_one(self, llm, ask):
        llm.on("openai/*").fail(fake.ContextWindow(), times=None)
        llm.on("anthropic/*").reply("b")
        router = Router(
            model_list=[*TWO, row("long", "openai/gpt-4.1")],
            context_window_fallbacks=[{"gpt-4o": ["long"]}],
            fallbacks=[{"gpt-4o": ["claude-haiku-4-5"]}],
        )
        await router.acompletion(model="gpt-4o", messages=ask)
        assert llm.calls.models == ["openai/gpt-4o", "openai/gpt-4.1", "anthropic/claude-haiku-4-5"]

    async def test_a_dead_deployment_is_left_alone_also_where_it_is_the_only_one(self, llm, ask):
        llm.on("*").fail(fake.ServerFailure(), times=None)
        router = Router(model_list=[row("gpt-4o")], num_retries=0)
        for _ in range(10):
            with pytest.raises(litellm.InternalServerError):
                await router.acompletion(model="gpt-4o", messages=ask)
        assert len(llm.calls) < 10

    async def test_cooldowns_can_be_switched_off(self, llm, ask):
        llm.on("*").fail(fake.ServerFailure(), times=None)
        router = Router(model_list=[row("gpt-4o")], num_retries=0, disable_cooldowns=True)
        for _ in range(10):
            with pytest.raises(litellm.InternalServerError):
                await router.acompletion(model="gpt-4o", messages=ask)
        assert len(llm.calls) == 10


class Managed(Router):
    """As downstream code has it: state before the constructor, every callback overridden, acompletion wrapped."""

    def __init__(self, model_list=None, managed=None, **options):
        self.events = []
        self._managed = managed or []
        super().__init__(model_list=model_list or [], **options)

    def deployment_callback_on_failure(self, *args, **kwargs) -> bool:
        self.events.append("sync failure")
        return True

    def sync_deployment_callback_on_success(self, *args, **kwargs) -> None:
        self.events.append("sync success")

    async def deployment_callback_on_success(self, *args, **kwargs) -> None:
        pass

    async def async_deployment_callback_on_failure(self, *args, **kwargs) -> None:
        self.events.append("async failure")

    async def async_deployment_callback_on_success(self, *args, **kwargs) -> None:
        self.events.append("async success")

    async def acompletion(self, *args, **kwargs):
        self.events.append("before")
        try:
            return await super().acompletion(*args, **kwargs)
        finally:
            self.events.append("after")


class TestSubclass:
    async def test_overrides_are_called_around_and_for_every_try(self, llm, ask):
        llm.on("*").fail(fake.ServerFailure()).reply("x")
        router = Managed(model_list=TWO)
        response = await router.acompletion(model="gpt-4o", messages=ask, temperature=0.1)
        assert response.choices[0].message.content == "x"
        assert router.events == ["before", "async failure", "async success", "after"]

    def test_sync_calls_tell_the_sync_ones(self, llm, ask):
        llm.on("*").fail(fake.ServerFailure()).reply("x")
        router = Managed(model_list=TWO)
        router.completion(model="gpt-4o", messages=ask)
        assert router.events == ["sync failure", "sync success"]

    async def test_streams_too(self, llm, ask):
        llm.on("*").stream(["a", "b"])
        router = Managed(model_list=TWO)
        stream = await router.acompletion(model="gpt-4o", messages=ask, stream=True)
        assert [chunk async for chunk in stream]
        assert router.events == ["before", "after", "async success"]

    def test_acompletion_is_a_coroutine_function(self):
        assert inspect.iscoroutinefunction(Managed(model_list=TWO).acompletion)
        assert inspect.iscoroutinefunction(Router(model_list=TWO).acompletion)

    def test_it_silences_litellms_callback_manager_as_people_do(self, monkeypatch):
        manager = litellm.logging_callback_manager
        for name in ("add_litellm_success_callback", "add_litellm_async_failure_callback"):
            monkeypatch.setattr(manager, name, lambda *_: None)
        Managed(model_list=TWO)
        assert litellm.callbacks == []


class TestMany:
    async def test_two_hundred_routers_in_one_process(self, llm, ask):
        llm.on("*").reply("x", times=200)
        routers = [Managed(model_list=TWO) for _ in range(200)]
        answers = await asyncio.gather(*(router.acompletion(model="gpt-4o", messages=ask) for router in routers))
        assert len(answers) == 200
        assert all(router.events == ["before", "async success", "after"] for router in routers)

    def test_a_router_is_shared_by_loops_that_come_and_go(self, ask):
        router = Router(model_list=TWO)
        with script(door="transport") as llm:
            llm.on("*").reply("x", times=3)
            for _ in range(3):
                asyncio.run(router.acompletion(model="gpt-4o", messages=ask))
            assert len(llm.calls) == 3
