"""What can be wrong with a folder of images, and with a training run."""

from edge.errors import HappySadError


class DatasetError(HappySadError):
    """A folder that cannot be trained on: missing, empty, or without one of the classes."""


class RunError(HappySadError):
    """A training run that is missing, incomplete or in the way."""
