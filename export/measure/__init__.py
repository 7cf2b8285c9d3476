"""Measurements of a model, and its model card."""
