"""Datasets: images on disk become labelled uint8 arrays and splits."""
