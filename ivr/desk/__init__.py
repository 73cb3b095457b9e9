"""The agents' pages and their sockets."""
