"""Wiring: reads the environment, names the doors, starts the server. Knows everybody, is known by nobody."""
