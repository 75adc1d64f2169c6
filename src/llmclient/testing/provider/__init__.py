"""Door 1: a provider in front of every other, that plays a script. It imports no SDK, and sends nothing."""
