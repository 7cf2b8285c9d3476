"""An object store: moto's S3 server on loopback, where the bytes that travel are real."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

SECRET = "hush-hush-key"


@contextmanager
def bucket(name: str) -> Iterator[Any]:
    """The file system of a server with an empty bucket; credentials are where fsspec looks."""
    import s3fs  # these take half a second
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "somebody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        files = s3fs.S3FileSystem()
        files.mkdir(name)
        yield files
        s3fs.S3FileSystem.clear_instance_cache()
    server.stop()
