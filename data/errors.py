"""What can be wrong with a folder of images."""

from edge.errors import HappySadError


class DatasetError(HappySadError):
    """A folder that cannot be trained on: missing, empty, or without one of the classes."""
