"""The device: an image goes in, a label comes out. Imports nothing else of this project."""

__version__ = "0.1.0"
