"""The device's commands, one a module."""
