"""A run as one page: what was trained on what, how well it does, and what it gets wrong."""
