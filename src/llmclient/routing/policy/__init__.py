"""Deciding, without doing: the machine that routes one call, and the state, rules and values it goes by. No I/O."""
