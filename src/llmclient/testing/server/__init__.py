"""Door 3: a server on loopback that plays a script to any client in any language."""
