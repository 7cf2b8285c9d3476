"""Teaches a model somebody's faces on the device: its last layer, and only if that is better."""
