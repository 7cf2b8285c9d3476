"""The exercise's network, as the course specifies it."""
