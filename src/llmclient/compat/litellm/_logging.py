"""LiteLLM's loggers, under their own names: people set their levels. Nothing is written to them."""

from __future__ import annotations

import logging

verbose_logger = logging.getLogger("LiteLLM")
verbose_router_logger = logging.getLogger("LiteLLM Router")
verbose_proxy_logger = logging.getLogger("LiteLLM Proxy")

ALL_LOGGERS = [logging.getLogger(), verbose_logger, verbose_router_logger, verbose_proxy_logger]
