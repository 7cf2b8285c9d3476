"""What FER2013 comes in: a file, a folder or an archive, read one file after the other."""

import hashlib
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from data.errors import DatasetError
from edge.images.image_file import is_image_name

BLOCK = 1 << 20
FORMS = "a .csv file, a folder of images, or a .tar, .tar.gz, .tgz or .zip archive of these"

# What the readers of archives raise for bytes that are not as they should be. NotImplementedError
# is a compression that zipfile does not know, UnicodeDecodeError a damaged name.
_DAMAGE = (
    EOFError,
    NotImplementedError,
    UnicodeDecodeError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """One file of a source.

    Attributes:
        name: Its path in the source, with slashes; of a lone file "".
        size: In bytes, as the source says.
        stream: Its content, to be read before the next file is asked for; None for links in
            archives and for all that is no regular file.
    """

    name: str
    size: int
    stream: BinaryIO | None


class Source:
    """A file, folder or archive that is open for reading; made by `open_source`.

    Attributes:
        path: Where it is.
        form: "folder", "file", "zip", or tarfile's mode for an archive: "r:" or "r:gz".
    """

    def __init__(self, path: Path, raw: BinaryIO | None) -> None:
        self.path = path
        self.form = _form(raw) if raw else "folder"
        self._raw = raw  # None for a folder
        self._size = max(1, os.fstat(raw.fileno()).st_size) if raw else 1
        self._share = 0.0

    @property
    def share(self) -> float:
        """How much of it has been read, 0 to 1."""
        return self._raw.tell() / self._size if self._raw else self._share

    def sha256(self) -> str:
        """Of the file; of a folder, that of what sha256sum prints of its files, sorted by name."""
        whole = hashlib.sha256()
        if self._raw:
            _feed(whole, self._raw)
            self._raw.seek(0)
            return whole.hexdigest()
        for file in self.files():
            if file.stream:
                content = hashlib.sha256()
                _feed(content, file.stream)
                whole.update(os.fsencode(f"{content.hexdigest()}  {file.name}\n"))
        return whole.hexdigest()

    def files(self) -> Iterator[SourceFile]:
        """Every file that it holds; of a folder, the images and CSVs, sorted by name."""
        if self._raw is None:
            return self._in_folder()
        if self.form == "file":
            return iter([SourceFile("", self._size, self._raw)])
        return self._in_zip(self._raw) if self.form == "zip" else self._in_tar(self._raw)

    def _in_folder(self) -> Iterator[SourceFile]:
        paths: list[Path] = []
        seen: set[str] = set()
        for root, names, files in os.walk(self.path, followlinks=True):
            if (real := os.path.realpath(root)) in seen:  # a link that leads back
                names.clear()
                continue
            seen.add(real)
            names[:] = [name for name in names if name[0] != "."]
            paths += [Path(root, name) for name in files if name[0] != "." and is_of_use(name)]
        paths.sort()
        for number, path in enumerate(paths):
            name = path.relative_to(self.path).as_posix()
            if path.is_file():
                with path.open("rb") as stream:
                    yield SourceFile(name, path.stat().st_size, stream)
            else:
                yield SourceFile(name, 0, None)
            self._share = (number + 1) / len(paths)

    def _in_tar(self, raw: BinaryIO) -> Iterator[SourceFile]:
        with tarfile.open(fileobj=raw, mode=self.form) as archive:  # type: ignore[call-overload]
            for member in archive:
                if not member.isdir():
                    stream = archive.extractfile(member) if member.isreg() else None
                    yield SourceFile(member.name, member.size, stream)
            # tarfile takes damage between two files for the end, which is a block of zeros; gzip's
            # checksum comes after the last of them.
            archive.fileobj.seek(archive.offset)
            if archive.fileobj.read(512) != bytes(512):
                raise tarfile.ReadError("no end mark")
            while archive.fileobj.read(BLOCK):
                pass

    def _in_zip(self, raw: BinaryIO) -> Iterator[SourceFile]:
        with zipfile.ZipFile(raw) as archive:
            for member in archive.infolist():
                if member.is_dir():
                    continue
                if member.flag_bits & 1:
                    raise DatasetError(f"{self.path} is encrypted: unpack it and name the folder")
                kind = stat.S_IFMT(member.external_attr >> 16)
                if kind not in (0, stat.S_IFREG):  # 0: made where files have no such bits
                    yield SourceFile(member.filename, 0, None)
                    continue
                with archive.open(member) as stream:
                    yield SourceFile(member.filename, member.file_size, stream)  # type: ignore[arg-type]


def is_of_use(name: str) -> bool:
    """Whether a file is an image or a CSV, by its name."""
    return is_image_name(Path(name)) or name.lower().endswith(".csv")


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Opens a source; inside the block nothing else may raise an OSError.

    Raises:
        DatasetError: It is missing, cannot be read, or is a damaged archive; inside the block too.
    """
    try:
        if path.is_dir():
            yield Source(path, None)
            return
        if path.exists() and not path.is_file():
            raise DatasetError(f"{path} is neither a file nor a folder: expected {FORMS}")
        with path.open("rb") as raw:
            yield Source(path, raw)
    except FileNotFoundError as error:
        raise DatasetError(f"{error.filename or path} does not exist: expected {FORMS}") from error
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    except OSError as error:
        if error.errno is None:  # gzip's and tarfile's own
            raise _damaged(path, error) from error
        raise DatasetError(f"{error.filename or path} cannot be read: {error.strerror}") from error


def _form(raw: BinaryIO) -> str:
    """By content: the first bytes are those of PKWARE's, RFC 1952's and POSIX's formats."""
    start = raw.read(512)
    raw.seek(0)
    if start.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    if start.startswith(b"\x1f\x8b"):
        return "r:gz"
    return "r:" if start[257:262] == b"ustar" else "file"


def _damaged(path: Path, error: Exception) -> DatasetError:
    return DatasetError(f"{path} is damaged or cut short ({error}): get it anew")


def _feed(digest: "hashlib._Hash", stream: BinaryIO) -> None:
    while block := stream.read(BLOCK):
        digest.update(block)
