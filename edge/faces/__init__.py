"""Faces in a picture: found, cropped, and judged fit to be classified."""
