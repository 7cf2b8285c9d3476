"""The kernel's video interface (V4L2): its calls, and what their structures say.

Numbers and layouts are those of linux/videodev2.h. The structures used here are made of 32-bit
words only, so they are the same on x86-64 and on 64-bit and 32-bit ARM.
"""

import errno
import struct
from dataclasses import dataclass

VIDEO_CAPTURE, VIDEO_CAPTURE_MPLANE = 0x00000001, 0x00001000  # V4L2_CAP_*
M2M, M2M_MPLANE = 0x00008000, 0x00004000
DEVICE_CAPS = 0x80000000
BUF_CAPTURE, BUF_CAPTURE_MPLANE = 1, 9  # V4L2_BUF_TYPE_VIDEO_CAPTURE*
MEMORY_MMAP = 1
FRMSIZE_DISCRETE = 1
BIG_ENDIAN = 0x80000000  # v4l2_fourcc_be

# "=": the machine's byte order, and no padding.
CAPABILITY = struct.Struct("=16s32s32s3I12x")  # struct v4l2_capability
FMTDESC = struct.Struct("=3I32sI16x")  # struct v4l2_fmtdesc
FRMSIZEENUM = struct.Struct("=3I6I8x")  # struct v4l2_frmsizeenum
REQUESTBUFFERS = struct.Struct("=4I4x")  # struct v4l2_requestbuffers

# What a driver that lets sizes be chosen freely is asked about.
USUAL_SIZES = ((320, 240), (640, 480), (800, 600), (1280, 720), (1920, 1080))
MOST = 128  # a list longer than this is a driver that does not end it


def _request(direction: int, number: int, layout: struct.Struct) -> int:
    """The number of a call, as _IOR (2) and _IOWR (3) make it in asm-generic/ioctl.h."""
    return direction << 30 | layout.size << 16 | ord("V") << 8 | number


QUERYCAP = _request(2, 0, CAPABILITY)
ENUM_FMT = _request(3, 2, FMTDESC)
REQBUFS = _request(3, 8, REQUESTBUFFERS)
ENUM_FRAMESIZES = _request(3, 74, FRMSIZEENUM)


@dataclass(frozen=True, slots=True)
class Capability:
    """What a device says about itself.

    Attributes:
        driver: Such as "uvcvideo".
        card: The name for a person.
        bus: Where it is connected.
        flags: V4L2_CAP_* of this very node.
    """

    driver: str
    card: str
    bus: str
    flags: int

    @property
    def buffer_type(self) -> int | None:
        """How it delivers pictures; None if it does not: metadata, an output, a codec."""
        if self.flags & VIDEO_CAPTURE:
            return BUF_CAPTURE
        if self.flags & VIDEO_CAPTURE_MPLANE:
            return BUF_CAPTURE_MPLANE
        return None

    @property
    def is_codec(self) -> bool:
        """Whether it turns pictures from memory into others (memory to memory)."""
        return bool(self.flags & (M2M | M2M_MPLANE))


def parse_capability(packed: bytes) -> Capability:
    """Reads a v4l2_capability."""
    driver, card, bus, _, all_nodes, this_node = CAPABILITY.unpack(packed)
    flags = this_node if all_nodes & DEVICE_CAPS else all_nodes
    return Capability(text(driver), text(card), text(bus), flags)


def parse_format(packed: bytes) -> tuple[str, int]:
    """The name of the format in a v4l2_fmtdesc, and its number.

    The name has four characters; "-BE" follows for the big-endian twin of a format.
    """
    number = FMTDESC.unpack(packed)[4]
    name = struct.pack("<I", number & ~BIG_ENDIAN).decode("latin-1")
    return name + ("-BE" if number & BIG_ENDIAN else ""), number


def parse_sizes(packed: bytes) -> list[tuple[int, int]]:
    """The (width, height) in a v4l2_frmsizeenum; of a range the usual ones, or its two ends."""
    _, _, kind, *size = FRMSIZEENUM.unpack(packed)
    if kind == FRMSIZE_DISCRETE:
        return [(size[0], size[1])]
    widths = range(size[0], size[1] + 1, max(size[2], 1))
    heights = range(size[3], size[4] + 1, max(size[5], 1))
    usual = [(width, height) for width, height in USUAL_SIZES if width in widths]
    usual = [(width, height) for width, height in usual if height in heights]
    return usual or [(size[0], size[3]), (size[1], size[4])]


def text(field: bytes) -> str:
    """The characters of a C string up to its end."""
    return field.split(b"\0")[0].decode(errors="replace").strip()


def call(device: int, request: int, packed: bytes) -> bytes:
    """Makes a call and returns the structure as the driver filled it in.

    Raises:
        OSError: The driver refuses it.
    """
    import fcntl  # not on Windows, where there is no V4L2 either

    while True:
        filled = bytearray(packed)
        try:
            fcntl.ioctl(device, request, filled)
        except OSError as error:
            if error.errno != errno.EINTR:
                raise
        else:
            return bytes(filled)


def query(device: int) -> Capability:
    """What an open device says about itself.

    Raises:
        OSError: It is no video device, or it is gone.
    """
    return parse_capability(call(device, QUERYCAP, bytes(CAPABILITY.size)))


def formats(device: int, buffer_type: int) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    """The formats of an open device, each with its sizes from small to large."""
    found = []
    for index in range(MOST):
        try:
            packed = call(device, ENUM_FMT, FMTDESC.pack(index, buffer_type, 0, b"", 0))
        except OSError:  # EINVAL ends the list
            break
        fourcc, number = parse_format(packed)
        found.append((fourcc, _sizes(device, number)))
    return found


def _sizes(device: int, pixel_format: int) -> tuple[tuple[int, int], ...]:
    sizes: set[tuple[int, int]] = set()
    for index in range(MOST):
        asked = FRMSIZEENUM.pack(index, pixel_format, 0, *[0] * 6)
        try:
            packed = call(device, ENUM_FRAMESIZES, asked)
        except OSError:  # EINVAL ends the list; ENOTTY: this driver has none
            break
        sizes.update(parse_sizes(packed))
        if FRMSIZEENUM.unpack(packed)[2] != FRMSIZE_DISCRETE:
            break  # a range comes alone, but some drivers give it again for every index
    return tuple(sorted(sizes, key=lambda size: size[0] * size[1]))


def is_busy(device: int, buffer_type: int) -> bool:
    """Whether somebody else streams from an open device.

    Asking for no buffers at all changes nothing, and is refused where another has some.
    """
    asked = REQUESTBUFFERS.pack(0, buffer_type, MEMORY_MMAP, 0)
    try:
        call(device, REQBUFS, asked)
    except OSError as error:
        return error.errno == errno.EBUSY
    return False
