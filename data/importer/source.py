"""What FER2013 comes in: a CSV, a folder of images, or an archive, which is unpacked first."""

import hashlib
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import DatasetError
from data.folder import walk
from edge.images.image_file import is_image_name

BLOCK = 1 << 20
MAX_UNPACKED = 2_000_000_000  # bytes; the whole set is 0.3 GB as CSV, 0.1 GB as images
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


def checksum(path: Path) -> str:
    """SHA-256 of a file; of a folder, that of what sha256sum prints of its files, sorted by name.

    Raises:
        DatasetError: It is missing or empty, or cannot be read.
    """
    whole = hashlib.sha256()
    with readable(path):
        if not path.is_dir():
            if not path.stat().st_size:  # of /proc/kmsg reading waits for the kernel
                raise DatasetError(f"{path} is empty: expected {FORMS}")
            _feed(whole, path)
        else:
            for name, file in files_in(path):
                if file.is_file():
                    content = hashlib.sha256()
                    _feed(content, file)
                    whole.update(os.fsencode(f"{content.hexdigest()}  {name}\n"))
    return whole.hexdigest()


def files_in(folder: Path) -> list[tuple[str, Path]]:
    """The images and CSVs of a folder, sorted: the path in it, with slashes, and where it is."""
    paths = sorted(path for path in walk(folder) if path.name[0] != "." and is_of_use(path.name))
    return [(path.relative_to(folder).as_posix(), path) for path in paths]


def is_of_use(name: str) -> bool:
    """Whether a file is an image or a CSV, by its name."""
    return is_image_name(Path(name)) or name.lower().endswith(".csv")


def unpack(path: Path, folder: Path) -> bool:
    """Unpacks an archive's images and CSVs; returns False for a file that is no archive.

    Args:
        path: The file; its first bytes tell what it is (PKWARE's, RFC 1952's, POSIX's formats).
        folder: Gets the files, and nothing outside of it is written.

    Raises:
        DatasetError: The file cannot be read, is damaged, or unpacks to more than MAX_UNPACKED.
        OSError: The folder cannot be written.
    """
    with readable(path), path.open("rb") as file:
        start = file.read(512)
    try:
        if start.startswith((b"PK\3\4", b"PK\5\6")):
            _unpack_zip(path, folder)
        elif start.startswith(b"\x1f\x8b") or start[257:262] == b"ustar":
            _unpack_tar(path, folder)
        else:
            return False
    except tarfile.FilterError as error:
        raise DatasetError(f"{path} is not safe to unpack ({error}): get it anew") from error
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    except OSError as error:
        if error.errno is None:  # gzip's and tarfile's own
            raise _damaged(path, error) from error
        raise
    return True


def _unpack_zip(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if is_of_use(member.filename)]
        if any(member.flag_bits & 1 for member in members):
            raise DatasetError(f"{path} is encrypted: unpack it and name the folder")
        _check_size(path, sum(member.file_size for member in members))
        archive.extractall(folder, members)  # leaves out .. and makes plain files of links


def _unpack_tar(path: Path, folder: Path) -> None:
    if not hasattr(tarfile, "data_filter"):  # Python before 3.10.12 and 3.11.4
        raise DatasetError(f"{path}: this Python cannot unpack it safely: name the unpacked folder")
    unpacked = 0

    def chosen(member: tarfile.TarInfo, target: str) -> tarfile.TarInfo | None:
        nonlocal unpacked
        unpacked += member.size
        _check_size(path, unpacked)
        return tarfile.data_filter(member, target) if is_of_use(member.name) else None

    with tarfile.open(path) as archive:
        archive.extractall(folder, filter=chosen)
        # tarfile takes damage between two files for the end, which is a block of zeros; gzip's
        # checksum comes after the last of them.
        stream = archive.fileobj
        assert stream
        stream.seek(archive.offset)
        if stream.read(512) != bytes(512):
            raise tarfile.ReadError("no end mark")
        while stream.read(BLOCK):
            pass


def _check_size(path: Path, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED:
        raise DatasetError(f"{path} unpacks to more than {MAX_UNPACKED / 1e9:.0f} GB: get it anew")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Says of a source that is missing or cannot be read what was expected.

    Raises:
        DatasetError: For any OSError inside the block.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise DatasetError(f"{path} is neither a file nor a folder: expected {FORMS}")
        yield
    except FileNotFoundError as error:
        raise DatasetError(f"{error.filename or path} does not exist: expected {FORMS}") from error
    except OSError as error:
        raise DatasetError(f"{error.filename or path} cannot be read: {error.strerror}") from error


def _damaged(path: Path, error: Exception) -> DatasetError:
    return DatasetError(f"{path} is damaged or cut short ({error}): get it anew")


def _feed(digest: "hashlib._Hash", path: Path) -> None:
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
