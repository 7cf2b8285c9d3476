"""Pictures over HTTP as cameras send them: every dialect, snapshots, damage, and no end."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from edge.camera.address import parse_address
from edge.camera.camera_feed import CameraFeed
from edge.camera.faults import Patience
from edge.camera.finder import opener
from edge.camera.http.parts import MAX_PICTURE_BYTES, Pictures
from edge.camera.source import Source, Wanted
from edge.errors import CameraError, FrameError
from tests.support.http_server import Handler, head, http_server, level, picture
from tests.support.patience import wait_until

LEVELS = (40, 80, 120, 160, 200)
JPEGS = [picture(each) for each in LEVELS]
MULTIPART = "multipart/x-mixed-replace; boundary=frame"
SECOND_SOI = JPEGS[0][:2] + b"\xff\xe1\x00\x46Exif" + JPEGS[1][:64] + JPEGS[0][2:]  # a thumbnail


def part(body: bytes, *lines: str, end: str = "\r\n", boundary: str = "--frame") -> bytes:
    text = "".join(f"{line}{end}" for line in (*([boundary] if boundary else []), *lines, ""))
    return text.encode() + body + end.encode()


def sized(body: bytes, kind: str = "image/jpeg") -> bytes:
    return part(body, f"Content-Type: {kind}", f"Content-Length: {len(body)}")


# What a body is made of, for each dialect; the type that the answer says.
DIALECTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": (MULTIPART, sized),
    "image/jpg": (MULTIPART, lambda body: sized(body, "image/jpg")),
    "a type with parameters": (MULTIPART, lambda body: sized(body, "image/jpeg; charset=utf-8")),
    "octet-stream": (MULTIPART, lambda body: sized(body, "application/octet-stream")),
    "text/plain": (MULTIPART, lambda body: sized(body, "text/plain")),
    "no header": (MULTIPART, lambda body: part(body)),
    "no header, no empty line": (MULTIPART, lambda body: b"--frame\r\n" + body + b"\r\n"),
    "nothing after the boundary": (MULTIPART, lambda body: b"--frame" + body),
    "no length": (MULTIPART, lambda body: part(body, "Content-Type: image/jpeg")),
    "line feeds alone": (MULTIPART, lambda body: part(body, "Content-Type: image/jpeg", end="\n")),
    "line feeds, no header": (MULTIPART, lambda body: part(body, end="\n")),
    "boundary after the picture": (
        MULTIPART,
        lambda body: part(body, f"Content-Length: {len(body)}", boundary="") + b"--frame\r\n",
    ),
    "no boundary ever": (MULTIPART, lambda body: part(body, "X: 1", boundary="")),
    "another boundary than announced": (MULTIPART, lambda body: part(body, boundary="--other")),
    "dashes announced": ("multipart/x-mixed-replace;boundary=--frame", sized),
    "quotes": ('multipart/x-mixed-replace; boundary="frame"', sized),
    "no boundary announced": ("multipart/x-mixed-replace", sized),
    "multipart/mixed": ("multipart/mixed; boundary=frame", sized),
    "not said to be multipart": ("application/octet-stream", sized),
    "said to be a page": ("text/html", sized),
    "JPEG after JPEG": ("image/jpeg", lambda body: body),
    "JPEG after JPEG as video": ("video/x-motion-jpeg", lambda body: body + b"\r\n"),
    "a length that is too short": (
        MULTIPART, lambda body: part(body, f"Content-Length: {len(body) // 2}"),
    ),
    "a length that is too long": (
        MULTIPART, lambda body: part(body, f"Content-Length: {len(body) + 300}"),
    ),
    "length in small letters": (MULTIPART, lambda body: part(body, f"content-length:{len(body)}")),
    "zeros after the picture": (MULTIPART, lambda body: sized(body + bytes(5))),
    "a preview after the picture": (MULTIPART, lambda body: sized(body + picture(0, (16, 16)))),
    "a part of sound between": (MULTIPART, lambda body: sized(body) + sized(bytes(999), "audio/x")),
    "fill bytes": (MULTIPART, lambda body: sized(body[:-2] + b"\xff\xff\xff\xd9")),
}  # fmt: skip


def opened(url: str, fps: float | None = None) -> Source:
    return opener(parse_address(url), Wanted(fps=fps))()


def forever(kind: str, pack: Callable[[bytes], bytes], pause_s: float = 0.01) -> Callable:
    def answer(request: Handler) -> None:
        head(request, Content_Type=kind)
        for jpeg in itertools.cycle(JPEGS):
            request.wfile.write(pack(jpeg))
            time.sleep(pause_s)

    return answer


def shown(source: Source, count: int) -> Iterator[int]:
    for _ in range(count):
        source.grab()
        yield level(source.retrieve())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_picture_of_every_dialect_comes(dialect: str) -> None:
    with http_server(forever(*DIALECTS[dialect])) as url, closing(opened(url)) as source:
        assert list(shown(source, 8)) == [*LEVELS, *LEVELS[:3]]


@pytest.mark.parametrize("suffix", [".png", ".webp", ".bmp"])
@pytest.mark.parametrize("length", [True, False])
def test_pictures_of_other_forms_come_too(suffix: str, length: bool) -> None:
    bodies = [picture(each, suffix=suffix) for each in LEVELS]

    def answer(request: Handler) -> None:
        head(request, Content_Type=MULTIPART)
        for body in bodies:
            request.wfile.write(sized(body) if length else part(body))

    with http_server(answer) as url, closing(opened(url)) as source:
        assert list(shown(source, 5)) == list(LEVELS)


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_how_the_bytes_are_cut_makes_no_difference(dialect: str, step: int) -> None:
    body = b"".join(map(DIALECTS[dialect][1], JPEGS))
    pictures, found = Pictures(), []
    for start in range(0, len(body), step):
        pictures.feed(body[start : start + step])
        while taken := pictures.take():
            found.append(taken)
    assert [taken.is_whole for taken in found] == [True] * 5
    assert [taken.data[:400] for taken in found] == [jpeg[:400] for jpeg in JPEGS]


def test_a_picture_comes_before_the_next_one_has_begun() -> None:
    pictures = Pictures()
    pictures.feed(part(JPEGS[0]).rstrip(b"\r\n"))
    assert pictures.take() is not None


def test_a_thumbnail_inside_is_no_picture_of_its_own() -> None:
    pictures = Pictures()
    pictures.feed(part(SECOND_SOI) + part(JPEGS[1]))
    taken = pictures.take()
    assert taken is not None
    assert taken.data == SECOND_SOI


def test_chunked_bodies_are_read() -> None:
    def answer(request: Handler) -> None:
        head(request, Content_Type=MULTIPART, Transfer_Encoding="chunked")
        for jpeg in itertools.cycle(JPEGS):
            body = sized(jpeg)
            for cut in (body[:100], body[100:]):
                request.wfile.write(f"{len(cut):x}\r\n".encode() + cut + b"\r\n")
            time.sleep(0.01)

    with http_server(answer) as url, closing(opened(url)) as source:
        assert list(shown(source, 6)) == [*LEVELS, LEVELS[0]]


def test_a_first_picture_after_seconds_and_slow_ones_are_no_fault() -> None:
    patience = Patience(stall_s=0.2)
    with (
        http_server(forever(MULTIPART, sized, pause_s=0.5)) as url,
        CameraFeed(opener(parse_address(url), Wanted()), url, patience=patience) as feed,
    ):
        said = wait_until(feed, lambda: feed.captured == 4)
    assert said == []


def test_a_truncated_picture_is_a_bad_frame_and_the_next_one_is_good() -> None:
    def answer(request: Handler) -> None:
        head(request, Content_Type=MULTIPART)
        for jpeg in itertools.cycle(JPEGS):
            request.wfile.write(sized(jpeg) + sized(jpeg[: len(jpeg) * 2 // 3]))
            time.sleep(0.01)

    with http_server(answer) as url, closing(opened(url)) as source:
        for expected in LEVELS:
            assert list(shown(source, 1)) == [expected]
            source.grab()
            with pytest.raises(FrameError, match=r"^gives truncated pictures$"):
                source.retrieve()


def test_nothing_but_truncated_pictures_is_a_fault_that_is_said_once() -> None:
    with (
        http_server(forever(MULTIPART, lambda body: sized(body[:-200]))) as url,
        CameraFeed(opener(parse_address(url), Wanted()), url) as feed,
    ):
        said = wait_until(feed, lambda: feed.troubles.is_down)
    assert said == [f"camera: {url}: gives truncated pictures; trying again"]


def test_a_picture_that_is_too_large_is_refused_before_it_is_decoded() -> None:
    # The size stands in the frame header (T.81, B.2.2): 10000x10000 decoded would be 300 MB.
    at = JPEGS[0].index(b"\xff\xc0") + 5
    large = JPEGS[0][:at] + (10000).to_bytes(2, "big") * 2 + JPEGS[0][at + 4 :]
    with (
        http_server(forever(MULTIPART, lambda _: sized(large))) as url,
        closing(opened(url)) as source,
    ):
        source.grab()
        with pytest.raises(FrameError) as refused:
            source.retrieve()
    assert str(refused.value) == (
        "gives pictures of 10000x10000, more than 17 million pixels: set a smaller size in the "
        "camera"
    )


def test_a_picture_without_an_end_is_bounded() -> None:
    def answer(request: Handler) -> None:
        head(request, Content_Type=MULTIPART)
        request.wfile.write(sized(JPEGS[0]) + part(JPEGS[0][:-2], "Content-Type: image/jpeg"))
        while True:
            request.wfile.write(bytes(1 << 20))

    with http_server(answer) as url, closing(opened(url)) as source:
        source.grab()
        with pytest.raises(CameraError) as ended:
            source.grab()
        assert len(source._pictures._buffer) < MAX_PICTURE_BYTES + (1 << 20)  # type: ignore
    assert str(ended.value) == "sends a picture without an end (more than 20 MB)"


def test_a_body_without_pictures_is_bounded() -> None:
    def answer(request: Handler) -> None:
        head(request, Content_Type=MULTIPART)
        while True:
            request.wfile.write(bytes(1 << 16))

    with http_server(answer) as url, pytest.raises(CameraError) as refused:
        opened(url)
    assert str(refused.value) == f"{url} cannot be opened: sends something else than pictures"


class Snapshots:
    """An address that gives one picture a request, as /snapshot.jpg does."""

    def __init__(self, **headers: str) -> None:
        self.asked: list[tuple[float, dict[str, str]]] = []
        self.connections: set[object] = set()
        self.headers = headers

    def __call__(self, request: Handler) -> None:
        number = len(self.asked)
        self.asked.append((time.monotonic(), dict(request.headers)))
        self.connections.add(request.connection)
        etag = f'"{number // 2}"'
        if request.headers.get("If-None-Match") == etag:
            head(request, 304, Connection="keep-alive", ETag=etag)
        else:
            body = JPEGS[number // 2 % 5]
            sizes = {"Content_Length": str(len(body))} | self.headers
            head(request, Content_Type="image/jpeg", ETag=etag, **sizes)
            request.wfile.write(body)
        request.close_connection = sizes_close(self.headers)


def sizes_close(headers: dict[str, str]) -> bool:
    return headers.get("Connection") != "keep-alive"


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_a_snapshot_is_asked_for_at_the_rate_that_was_asked_for(connection: str) -> None:
    snapshots = Snapshots(Connection=connection)
    with http_server(snapshots) as url, closing(opened(f"{url}/snapshot.jpg", 20)) as source:
        assert source.fps == 20
        assert list(shown(source, 6)) == [40, 40, 80, 80, 120, 120]
    times = [asked_s for asked_s, _ in snapshots.asked]
    assert times[5] - times[0] >= 5 / 20 - 0.02
    assert len(snapshots.connections) == (1 if connection == "keep-alive" else 6)


def test_a_snapshot_that_has_not_changed_is_not_sent_again() -> None:
    snapshots = Snapshots()
    with http_server(snapshots) as url, closing(opened(url, 50)) as source:
        assert list(shown(source, 4)) == [40, 40, 80, 80]
    sent = [headers.get("If-None-Match") for _, headers in snapshots.asked]
    assert sent[:4] == [None, '"0"', '"0"', '"1"']


def test_a_snapshot_without_a_length_is_asked_for_again_too() -> None:
    def answer(request: Handler) -> None:
        head(request, Content_Type="image/jpeg")
        request.wfile.write(JPEGS[0])

    with http_server(answer) as url, closing(opened(url, 50)) as source:
        assert list(shown(source, 3)) == [40] * 3


def test_the_end_is_not_held_up_by_a_silent_server() -> None:
    stop = threading.Event()
    with http_server(forever(MULTIPART, sized, pause_s=30)) as url:
        source = opener(parse_address(url), Wanted(), stop=stop)()
        source.grab()
        threading.Timer(0.1, stop.set).start()
        with pytest.raises(CameraError):
            source.grab()
        source.close()
