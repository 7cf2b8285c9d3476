"""What the extra [batch] brings."""

from edge.errors import HappySadError
from edge.machine.pip import pip_command


def check_packages() -> None:
    """Looks whether it is installed.

    Raises:
        HappySadError: It is not.
    """
    try:
        import dask  # noqa: F401
        import distributed  # noqa: F401
        import fsspec  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError as error:
        command = pip_command("-e", ".[batch]")
        raise HappySadError(f"{error.name} is not installed: {command}") from error
