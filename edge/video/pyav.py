"""PyAV, imported in this one place, when the first video is opened."""

from types import ModuleType

from ..errors import RuntimeMissingError
from ..machine.pip import pip_command


def pyav() -> ModuleType:
    """PyAV, imported when the first video is opened: photos and cameras do without.

    Raises:
        RuntimeMissingError: It is not installed, or does not work here.
    """
    try:
        import av
        import av.error
        import av.video.reformatter
    except ImportError as error:
        raise RuntimeMissingError(
            f"videos and network streams need PyAV, which does not import ({error}): "
            f"{pip_command('av')}"
        ) from error
    return av
