"""No password is shown: in names, messages, answers, summaries, units and lists of processes."""

import json
import subprocess
from pathlib import Path

import pytest

from edge.camera.address import parse_address
from edge.camera.source_file import read_source
from edge.errors import CameraError
from edge.masking import masked, masked_text
from edge.mqtt.address import EXPECTED
from tests.support.command import edge
from tests.support.http_server import Handler, head, http_server
from tests.support.photographs import photograph

SECRET = "hunter2"
HIDDEN = {
    "rtsp://admin:hunter2@cam:554/stream?x=1": "rtsp://***@cam:554/stream?x=1",
    "rtsp://hunter2@cam/": "rtsp://***@cam/",
    "rtsp://:hunter2@cam/": "rtsp://***@cam/",
    "HTTP://admin:hunter2@cam/": "HTTP://***@cam/",
    "rtsp://admin:p@hunter2@cam/": "rtsp://***@cam/",
    "rtsp://admin:hun/hunter2@cam/1": "rtsp://***@cam/1",
    "rtsp://admin:hun#hunter2@cam/1": "rtsp://***@cam/1",
    "rtsp://admin:12 hunter2@cam/1": "rtsp://***@cam/1",
    "rtsp://admin:hun?hunter2@cam/1": "rtsp://***@cam/1",
    "rtsp://admin:hun hunter2@cam/1": "rtsp://***@cam/1",
    "rtsp://admin:hun(x)hunter2@cam/1": "rtsp://***@cam/1",
    "rtsp://admin:hun'hunter2@cam/1": "rtsp://***@cam/1",
    "rtsp://hun)hunter2@cam/1": "rtsp://***@cam/1",
    "192.168.1.5/v.mjpg?user=a&password=hunter2": "192.168.1.5/v.mjpg?user=a&password=***",
    "cam?user=a&pwd=hunter2": "cam?user=a&pwd=***",
    "cam:80/v?pwd=a@hunter2&w=1": "cam:80/v?pwd=***&w=1",
    "http://cam/v?u=admin&p=hunter2": "http://cam/v?u=admin&p=***",
    "http://cam/v?p=a@hunter2": "http://cam/v?p=***",
    "rtsp://admin:hunter2@[fe80::1]:554/1": "rtsp://***@[fe80::1]:554/1",
    "rtsp:/admin:hunter2@cam/1": "rtsp:/***@cam/1",
    "rtsp//admin:hunter2@cam/1": "rtsp//***@cam/1",
    "rtsp:admin:hunter2@cam/1": "***@cam/1",
    "admin:hunter2@cam/1": "***@cam/1",
    "rtsp://admin:hunter2": "rtsp://***",
    "http://cam/v.cgi?user=admin&pwd=hunter2&resolution=32":
        "http://cam/v.cgi?user=admin&pwd=***&resolution=32",
    "http://cam/v?password=hunter2": "http://cam/v?password=***",
    "http://cam/v?PASSWD=hunter2#x": "http://cam/v?PASSWD=***",
    "http://cam/v?loginuse=a&loginpas=a&hunter2&rate=0": "http://cam/v?loginuse=a&loginpas=***&rate=0",
    "http://cam/v?access_token=hunter2&w=1": "http://cam/v?access_token=***&w=1",
    "http://cam/v?apiKey=hunter2": "http://cam/v?apiKey=***",
    "http://cam/v?api-key=hunter2": "http://cam/v?api-key=***",
    "http://cam/v?auth=hunter2": "http://cam/v?auth=***",
    "http://cam/v?password%3Dhunter2": "http://cam/v?password%3D***",
    "http://cam/v?w=1#token=hunter2": "http://cam/v?w=1#token=***",
    "srt://cam:9000?mode=caller&passphrase=hunter2": "srt://cam:9000?mode=caller&passphrase=***",
    "rtsp://cam/user=admin_password=hunter2_channel=1": "rtsp://cam/user=admin_password=***",
    "rtsp://cam/user=admin&password=hunter2&channel=1":
        "rtsp://cam/user=admin&password=***&channel=1",
    "rtsp://cam/11/admin:hunter2/x": "rtsp://cam/11/***/x",
    "rtsp://cam/live/admin/hunter2": "rtsp://cam/live/admin/***",
    "rtsps://cam:7441/3uDhunter2uJmdZ5GRi?enableSrtp": "rtsps://cam:7441/***?enableSrtp",
    "http://cam/550e8400-e29b-41d4-a716-446655440000": "http://cam/***",
}  # fmt: skip
SHOWN = [
    "rtsp://192.168.1.5:554/Streaming/Channels/101", "http://[::1]:8080/x",
    "rtsp://cam/cam/realmonitor?channel=1&subtype=0", "rtsp://cam/h264Preview_01_main",
    "http://cam/axis-cgi/mjpg/video.cgi?codec=h264&keyframe=3&author=me", "/dev/video0",
    "/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_8C8B2F8F-video-index0", "holiday/me@sea.mp4",
    "C:/film.mp4", "film.mp4", "http://cam/v?sp=1&p1=2&720p=3",
]  # fmt: skip


@pytest.mark.parametrize("address", HIDDEN)
def test_whatever_may_be_a_secret_of_an_address_is_hidden(address: str) -> None:
    assert masked(address) == HIDDEN[address]
    assert masked(masked(address)) == HIDDEN[address]
    said = masked_text(f"error: no address {address}: use another")
    assert SECRET not in said
    assert said.startswith("error: no address ")
    assert said.endswith(": use another")


DIGITS = "271828"


@pytest.mark.parametrize(
    "address",
    [
        f"rtsp://user:{DIGITS}@cam/1", f"user:{DIGITS}@cam", f"user:{DIGITS}@cam:554/1",
        f"rtsp:user:{DIGITS}@cam", f"rtsp://user:{DIGITS}/x@cam", f"rtsp://user:12 {DIGITS}@cam",
        f"rtsp://admin:{DIGITS}/1", f"http://admin:{DIGITS}",
    ],
)  # fmt: skip
def test_a_password_of_digits_is_not_taken_for_a_port(address: str) -> None:
    said = [masked(address), masked_text(f"error: {address}: no"), masked_text(repr(address))]
    assert not [one for one in said if DIGITS in one or "12 " in one]
    assert masked("http://camera:8080/x") == "http://camera:8080/x"


@pytest.mark.parametrize(
    "words",
    [
        ("webcam", "0", f"rtsp://admin:{SECRET}@cam/1"), ("webcam", f"--rtsp://u:{SECRET}@cam/1"),
        ("webcam", "--fps", f"rtsp://u:{SECRET}@cam/1"), (f"http://cam/v?pwd={SECRET}",),
        ("webcam", "0", "--web", f"u:{SECRET}@cam:80"), ("service", f"rtsp://u:{SECRET}@cam/1"),
        ("classify", "a", "--crop", f"rtsp://u:{SECRET}@cam/1"),
    ],
)  # fmt: skip
def test_a_usage_error_quotes_no_password(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert SECRET not in done.stderr
    assert "***" in done.stderr
    assert done.stderr.startswith("Usage: ")


@pytest.mark.parametrize("address", SHOWN)
def test_what_is_no_secret_is_shown(address: str) -> None:
    assert masked(address) == address
    assert masked_text(f"watching {address}: it is there") == f"watching {address}: it is there"


@pytest.mark.parametrize(
    "sentence",
    [
        "http://cam: write to me@sea.org", "http://cam:80/x or me@sea.org",
        "http://[::1]: not me@sea.org", "Main process exited, code=exited, status=1/FAILURE",
        "webcam --web-token-file=/etc/token",
        "401: it wants a user and password: rtsp://USER:PASSWORD@...", EXPECTED,
    ],
)  # fmt: skip
def test_a_sentence_without_a_secret_is_shown(sentence: str) -> None:
    assert masked_text(sentence) == sentence


@pytest.mark.parametrize("address", HIDDEN)
def test_no_error_and_no_name_of_a_source_has_a_secret(address: str) -> None:
    try:
        said = parse_address(address).name
    except CameraError as error:
        said = str(error)
    assert SECRET not in said


def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    return edge(*words, **options)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_run_says_the_password_nowhere(as_json: bool) -> None:
    """With a stream that ends, so that answers, faults and the summary all speak of the source."""
    jpeg = photograph("astronaut.png").read_bytes()
    asked: list[str] = []

    def answer(request: Handler) -> None:
        asked.append(request.path)
        head(request, Content_Type="multipart/x-mixed-replace; boundary=x")
        for _ in range(3):
            request.wfile.write(b"--x\r\nContent-Length: %d\r\n\r\n" % len(jpeg) + jpeg)

    with http_server(answer) as url:
        address = url.replace("//", f"//admin:{SECRET}@") + f"/v?pwd={SECRET}"
        option = ["--service"] if as_json else []
        done = run("webcam", address, "--still", "--duration", 1, "--insecure", *option)
    assert done.returncode == 0
    assert f"pwd={SECRET}" in asked[0]
    assert SECRET not in done.stdout + done.stderr
    assert "***@127.0.0.1" in done.stderr
    assert "the stream has ended" in done.stderr
    assert "its certificate is not checked (--insecure)" in done.stderr
    if as_json:
        assert json.loads(done.stdout.splitlines()[0])["path"].endswith("/v?pwd=***")


def test_doctor_says_no_password() -> None:
    done = run("doctor", f"rtsp://admin:{SECRET}@cam/1", "--json")
    assert "no model at rtsp:/***@cam/1" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert all(json.loads(line) for line in done.stdout.splitlines())


def test_a_source_comes_from_a_file_or_stdin(tmp_path: Path) -> None:
    file = tmp_path / "source"
    file.write_text(f"http://admin:{SECRET}@127.0.0.1:9/x\n")
    expected = "error: http://***@127.0.0.1:9/x cannot be opened: 127.0.0.1 refuses the connection"
    assert run("webcam", "--source-file", "-", input=file.read_text()).stderr.startswith(expected)
    assert "give one of them" in run("webcam", "0", "--source-file", file).stderr
    assert read_source(file) == f"http://admin:{SECRET}@127.0.0.1:9/x"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\n", "its first line is empty: write the source there"),
        (b"\xff\n", "its first line is no text"),
        (None, "the source cannot be read (No such file or directory)"),
    ],
)
def test_a_file_without_a_source_says_so(
    content: bytes | None, reason: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "source").write_bytes(content)
    with pytest.raises(CameraError) as refused:
        read_source(tmp_path / "source")
    assert str(refused.value) == f"{tmp_path}/source: {reason}"
