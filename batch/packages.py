"""What the extra [batch] brings."""

import sys

from edge.errors import HappySadError


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
        raise HappySadError(
            f"{error.name} is not installed: {sys.executable} -m pip install -e '.[batch]'"
        ) from error
