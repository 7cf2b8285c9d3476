"""What SOURCE names: a folder, a pattern, a list, an archive, here or at an address."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from batch import archive
from batch.address import filesystem, has_secret, is_local, reason_of
from batch.entry import Entry
from edge.cli.stdin import arguments
from edge.errors import HappySadError, ImageError
from edge.images.image_file import SUFFIXES, looks_like_image
from edge.images.listing import suffix_of
from edge.masking import masked

Kind = Literal["folder", "pattern", "list", "picture", "tar", "zip", "compressed"]


class Source:
    """The pictures to classify, listed when they are asked for.

    Attributes:
        address: As the user wrote it; it may hold a login.
        kind: What is there.
        ignored: How many files of other kinds the listing has passed over.
    """

    def __init__(self, address: str) -> None:
        """Looks what is there.

        Args:
            address: A path, a pattern, an address, or "-" for names on stdin.

        Raises:
            HappySadError: Nothing that could be listed.
        """
        self.address, self.ignored = address, 0
        if address == "-":
            self.kind: Kind = "list"
            return
        self._files, self._path = filesystem(address)
        if has_secret(address) and "http" in self._files.protocol:
            raise HappySadError(
                f"{masked(address)}: an http address with a password or signature would stand in "
                "the results: give it in fsspec's configuration"
            )
        try:
            self.kind = self._look()
        except Exception as error:  # each file system has errors of its own
            raise HappySadError(f"{self.shown}: {reason_of(error)}") from error

    @property
    def shown(self) -> str:
        """The address without passwords."""
        return self.address if is_local(self.address) else masked(self.address)

    @property
    def is_archive(self) -> bool:
        """Whether the pictures are inside one file."""
        return self.kind in ("tar", "zip")

    @property
    def root(self) -> str | None:
        """The folder or archive that whoever reads the pictures must see; None for a list."""
        if self.kind == "list":
            return None
        if self.kind != "pattern":
            return self.address
        fixed = self.address.split("/")
        while fixed and any(glob.has_magic(part) for part in fixed):
            fixed.pop()
        return "/".join(fixed) or ("/" if self.address.startswith("/") else ".")

    def entries(self) -> Iterator[Entry]:
        """Every picture, in no order.

        Raises:
            HappySadError: The source cannot be listed.
        """
        if self.kind == "picture":
            yield Entry(self._called(self._path))
        elif self.kind == "list":
            yield from self._listed()
        elif self.kind == "folder":
            yield from map(Entry, self._in_folder())
        elif self.kind == "pattern":
            yield from map(Entry, self._matching())
        else:
            with self._files.open(self._path) as file:
                for entry in archive.members(self.kind, file, self._called(self._path)):
                    if self._is_picture(entry.name.rpartition("/")[2]):
                        yield entry

    def _look(self) -> Kind:
        if is_local(self.address):
            if Path(self.address).is_dir():
                return "folder"
            if not Path(self.address).exists() and glob.has_magic(self.address):
                return "pattern"
            if Path(self.address).exists() and not Path(self.address).is_file():
                raise HappySadError("not a regular file; '-' reads names from a pipe")
        elif "*" in self.address:
            return "pattern"
        elif self._files.isdir(self._path):
            return "folder"
        with self._files.open(self._path) as file:
            begin = file.read(archive.BEGIN_BYTES)
        if looks_like_image(begin):
            return "picture"
        if not (kind := archive.kind_of(begin)) and b"\0" in begin:
            raise HappySadError("neither a folder, a list of names, a tar nor a zip")
        return kind or "list"

    def _called(self, path: str) -> str:
        """A path of the file system as the results call it."""
        local = is_local(self.address)
        return str(Path(self.address)) if local else str(self._files.unstrip_protocol(path))

    def _is_picture(self, name: str) -> bool:
        if name.startswith("."):
            return False
        if suffix_of(name) in SUFFIXES:
            return True
        self.ignored += 1
        return False

    def _listed(self) -> Iterator[Entry]:
        if self.address == "-":
            names: Iterable[str | bytes | ImageError] = arguments(["-"])
        else:
            with self._files.open(self._path) as file:
                yield from self._named(os.fsdecode(line.rstrip(b"\r\n")) for line in file)
            return
        yield from self._named(names)

    def _named(self, names: Iterable[str | bytes | ImageError]) -> Iterator[Entry]:
        for name in names:
            if isinstance(name, bytes):
                raise HappySadError("-: a picture: names are read, one a line")
            if isinstance(name, ImageError):
                raise name
            if has_secret(name):
                raise HappySadError(
                    f"{masked(name)}: a password or signature in a name would stand in the "
                    "results: give it in fsspec's configuration"
                )
            if name:
                yield Entry(name)

    def _matching(self) -> Iterator[str]:
        if is_local(self.address):
            found = glob.iglob(self.address, recursive=True)
            yield from (path for path in found if not Path(path).is_dir())
        else:
            yield from map(self._called, self._files.glob(self._path))

    def _in_folder(self) -> Iterator[str]:
        if is_local(self.address):
            yield from self._walk(str(Path(self.address)))
            return
        for folder, _, names in self._files.walk(self._path, on_error="raise"):
            for name in filter(self._is_picture, names):
                yield self._called(f"{folder.rstrip('/')}/{name}")

    def _walk(self, folder: str) -> Iterator[str]:
        """As of `happysad classify`: hidden files not, links to folders not followed."""
        folders = [folder]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            if not entry.name.startswith("."):
                                folders.append(entry.path)
                        elif self._is_picture(entry.name):
                            yield entry.path
            except PermissionError:
                yield folder  # reading it as a picture fails, and that is a row of the results
