"""Who is asked next: deployments, retry, breaker, strategies, limits, deadline, statistics, and the two routers."""
