"""Trainings that do not need each other, side by side on the workers of a Dask cluster."""
