"""Video devices: what the kernel's structures say, which nodes are listed, why one is not used."""

import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.camera import v4l2_abi
from edge.camera.refusal import holders, is_internal, why_not
from edge.camera.v4l2 import list_devices
from tests.support.command import run_program

NOBODY = 65534
CAPTURE, MPLANE, M2M, META, STREAMING = 0x1, 0x1000, 0x8000, 0x00800000, 0x04000000
# What is imported later may lie in a folder that nobody may look into.
AS_NOBODY = """
import fcntl, grp, os, sys
from pathlib import Path
from edge.camera.v4l2 import list_devices
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(*list_devices(Path(sys.argv[1])), sep="\\n")
"""


def capability(all_nodes: int, this_node: int) -> v4l2_abi.Capability:
    packed = struct.pack("=16s32s32sIII12x", b"uvcvideo", b"HD Webcam", b"usb-1", 5, all_nodes,
                         this_node)  # fmt: skip
    assert len(packed) == 104
    return v4l2_abi.parse_capability(packed)


def a_range(*ends: int) -> list[tuple[int, int]]:
    return v4l2_abi.parse_sizes(struct.pack("=3I6I8x", 0, 0, 3, *ends))


def run(program: str, folder: Path) -> list[str]:
    """The lines that a fresh interpreter prints."""
    return run_program(program, folder, check=True).stdout.splitlines()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_the_calls_have_the_numbers_that_the_kernel_gives_them() -> None:
    assert v4l2_abi.QUERYCAP == 0x80685600
    assert v4l2_abi.ENUM_FMT == 0xC0405602
    assert v4l2_abi.REQBUFS == 0xC0145608
    assert v4l2_abi.ENUM_FRAMESIZES == 0xC02C564A


def test_a_webcam_says_what_it_is() -> None:
    said = capability(0x80000000 | CAPTURE | STREAMING, CAPTURE | STREAMING)
    assert (said.driver, said.card, said.bus) == ("uvcvideo", "HD Webcam", "usb-1")
    assert said.buffer_type == 1
    assert not said.is_codec


def test_the_metadata_node_of_a_webcam_captures_no_video() -> None:
    assert capability(0x80000000 | CAPTURE | META | STREAMING, META | STREAMING).buffer_type is None


def test_a_driver_without_flags_for_each_node_is_taken_at_its_word() -> None:
    assert capability(CAPTURE, 0).buffer_type == 1


def test_planes_have_a_buffer_type_of_their_own_and_a_codec_is_no_camera() -> None:
    assert capability(0x80000000, MPLANE).buffer_type == 9
    assert capability(0x80000000, M2M).is_codec
    assert capability(0x80000000, M2M).buffer_type is None


def test_a_name_that_fills_its_field_or_is_no_text_is_read() -> None:
    assert v4l2_abi.text(b"x" * 32) == "x" * 32
    assert v4l2_abi.text(b"caf\xe9\0rubbish") == "caf\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("number", "name"),
    [(b"YUYV", "YUYV"), (b"Y16 ", "Y16 "), (b"Y16\xa0", "Y16 -BE")],
    ids=["plain", "with a space", "big-endian"],
)
def test_a_format_has_four_characters(number: bytes, name: str) -> None:
    packed = struct.pack("=3I32s", 0, 1, 0, b"YUYV 4:2:2") + number + bytes(16)
    assert len(packed) == 64
    assert v4l2_abi.parse_format(packed) == (name, int.from_bytes(number, "little"))


def test_a_size_is_given_as_it_is() -> None:
    packed = struct.pack("=3I6I8x", 0, 0, 1, 640, 480, 0, 0, 0, 0)
    assert len(packed) == 44
    assert v4l2_abi.parse_sizes(packed) == [(640, 480)]


def test_of_a_range_the_usual_sizes_are_taken_that_lie_in_its_steps() -> None:
    assert a_range(32, 1280, 2, 32, 720, 2) == [(320, 240), (640, 480), (800, 600), (1280, 720)]
    assert a_range(64, 1280, 128, 64, 720, 2) == [(320, 240)]  # 640 is not 64 + n * 128


def test_of_a_range_without_usual_sizes_the_ends_are_taken() -> None:
    assert a_range(16, 100, 0, 16, 90, 0) == [(16, 16), (100, 90)]


def test_what_is_no_video_device_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "video0").write_text("a file")
    (tmp_path / "video1").mkdir()
    os.mkfifo(tmp_path / "video2")
    (tmp_path / "video3").symlink_to("/dev/null")
    (tmp_path / "videoconf").write_text("")
    assert list_devices(tmp_path) == []


def test_devices_that_vanish_are_listed_by_number_with_their_problem(tmp_path: Path) -> None:
    for number in (10, 2, 0):
        (tmp_path / f"video{number}").symlink_to(tmp_path / "gone")
    found = list_devices(tmp_path)
    assert [Path(device.path).name for device in found] == ["video0", "video2", "video10"]
    assert {device.problem for device in found} == {"no such device node: is it plugged in?"}


def test_a_link_that_outlives_a_restart_is_found(tmp_path: Path) -> None:
    for number in (0, 1, 2):
        (tmp_path / f"video{number}").symlink_to(tmp_path / f"gone{number}")
    for folder, number in (("by-path", 0), ("by-path", 1), ("by-id", 1)):
        (tmp_path / "v4l" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "v4l" / folder / f"usb-{number}").symlink_to(f"../../video{number}")
    links = [device.stable_path for device in list_devices(tmp_path)]
    v4l = tmp_path / "v4l"
    assert links == [str(v4l / "by-path" / "usb-0"), str(v4l / "by-id" / "usb-1"), None]


def test_a_machine_without_devices_has_none(tmp_path: Path) -> None:
    assert list_devices(tmp_path / "dev") == []


def test_a_device_without_permission_is_listed_with_what_to_do(open_folder: Path) -> None:
    closed = [
        path for path in Path("/dev").iterdir() if path.is_char_device()
        and path.stat().st_mode & 0o007 == 0 and path.stat().st_uid != NOBODY
    ]  # fmt: skip
    if not closed:
        pytest.skip("every device may be opened by everybody here")
    (open_folder / "video7").symlink_to(closed[0])
    (line,) = run(AS_NOBODY, open_folder)
    assert f"path='{open_folder}/video7'" in line
    assert "problem='no permission: " in line
    assert "formats=()" in line


def test_a_group_that_may_open_the_device_is_named(open_folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may give a file to a group")
    import grp

    group = next(entry for entry in grp.getgrall() if entry.gr_gid not in (0, NOBODY))
    node = open_folder / "video0"
    node.write_text("")
    os.chown(node, 0, group.gr_gid)
    node.chmod(0o660)
    (line,) = run(AS_NOBODY, open_folder)
    assert f"no permission: sudo usermod -aG {group.gr_name} $USER, then log in again" in line
    node.chmod(0o600)
    (line,) = run(AS_NOBODY, open_folder)
    assert f"no permission: only root may open it: sudo chmod a+rw {node}" in line


def test_without_the_modules_of_unix_there_are_no_devices(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['fcntl'] = sys.modules['grp'] = None\n"
        "from pathlib import Path; from edge.camera.refusal import why_not\n"
        "from edge.camera.v4l2 import list_devices\n"
        "print(list_devices(Path(sys.argv[1])), why_not(sys.argv[1] + '/video0'))"
    )
    assert run(program, tmp_path / "dev") == ["[] no such device node: is it plugged in?"]


@pytest.mark.parametrize(
    "driver",
    ["bcm2835-codec", "bcm2835-isp", "unicam", "rp1-cfe", "pispbe", "pisp_be", "rpi-hevc-dec"],
)
def test_the_internals_of_a_pi_are_no_cameras(driver: str) -> None:
    assert is_internal(driver)


@pytest.mark.parametrize("driver", ["uvcvideo", "v4l2 loopback", "bm2835 mmal", "vivid", ""])
def test_webcams_and_the_like_are_cameras(driver: str) -> None:
    assert not is_internal(driver)


def test_who_holds_a_device_is_named(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.write_text("")
    (tmp_path / "link").symlink_to(node)
    assert holders(str(node)) == []
    program = f"file = open({str(node)!r}); print(flush=True); import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        name = Path(f"/proc/{holder.pid}/comm").read_text().strip()
        assert holders(str(node)) == [f"{name} (pid {holder.pid})"]
        assert holders(str(tmp_path / "link")) == holders(str(node))
        holder.kill()


def test_why_a_device_cannot_be_used_is_a_clause(tmp_path: Path) -> None:
    (tmp_path / "picture").write_text("")
    assert why_not(str(tmp_path / "video0")) == "no such device node: is it plugged in?"
    assert why_not(str(tmp_path / "picture")) == "not a character device"
    assert why_not("/dev/null") == "not a video device"
