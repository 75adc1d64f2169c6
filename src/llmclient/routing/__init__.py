"""Who is asked next: the policy, its parts, and the two routers that drive it."""
