"""Where results go: a folder, or a bucket of an object store. A file is whole or not there."""

from pathlib import Path

from batch.address import filesystem, is_local, reason_of
from edge.errors import OutputError, one_line
from edge.machine.output_file import check_folder, write_bytes
from edge.masking import masked

# Where putting an object is one step; elsewhere a file that was cut off would pass for a whole one.
OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"}


class Results:
    """A folder of files, which are put there in one step each.

    Attributes:
        address: As the user wrote it.
    """

    def __init__(self, address: str) -> None:
        """Looks whether files can be put there.

        Raises:
            OutputError: They cannot.
        """
        self.address = address
        self._folder = Path(address)
        if is_local(address):
            check_folder(self._folder)
            return
        if address.partition("://")[0] not in OBJECT_STORES:
            raise OutputError(
                f"{masked(address)}: results go to a folder or an object store "
                f"({', '.join(sorted(OBJECT_STORES))})"
            )
        self._files, self._path = filesystem(address.rstrip("/"))

    @property
    def shown(self) -> str:
        """The address without passwords."""
        return one_line(self.address if is_local(self.address) else masked(self.address))

    def names(self) -> set[str]:
        """The files that are there, not those in folders below."""
        if is_local(self.address):
            there = self._folder.iterdir() if self._folder.is_dir() else ()
            return {path.name for path in there}
        try:
            self._files.invalidate_cache()
            return {path.rpartition("/")[2] for path in self._files.ls(self._path, detail=False)}
        except FileNotFoundError:
            return set()
        except Exception as error:  # each file system has errors of its own
            raise OutputError(f"cannot list {self.shown}: {reason_of(error)}") from error

    def get(self, name: str) -> bytes:
        """The content of a file that is there."""
        try:
            if is_local(self.address):
                return (self._folder / name).read_bytes()
            return bytes(self._files.cat_file(f"{self._path}/{name}"))
        except Exception as error:
            raise OutputError(f"cannot read {self.shown}/{name}: {reason_of(error)}") from error

    def put(self, name: str, content: bytes) -> None:
        """Makes or replaces a file.

        Raises:
            OutputError: It cannot be written.
        """
        if is_local(self.address):
            write_bytes(self._folder / name, content)
            return
        try:
            self._files.pipe_file(f"{self._path}/{name}", content)
        except Exception as error:
            raise OutputError(f"cannot write {self.shown}/{name}: {reason_of(error)}") from error


def file_name(shard: int) -> str:
    """Of a shard's rows."""
    return f"{shard:06}.parquet"
