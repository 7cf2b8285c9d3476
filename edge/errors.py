"""Errors that a user can cause and mend; every other exception is a bug and keeps its traceback."""


class HappySadError(Exception):
    """The base: its text is one line that says what happened, to which file, and what to do."""


class ImageError(HappySadError):
    """An image or video that cannot be used, with the reason."""


class ModelError(HappySadError):
    """A model file that is missing, damaged, not ours, or beyond what this runner can feed."""


class RuntimeMissingError(HappySadError):
    """A package that the device needs (a TFLite runtime, OpenCV) is missing or does not work."""


class OutputError(HappySadError):
    """A result that could not be written: a full disk, a folder without write permission."""
