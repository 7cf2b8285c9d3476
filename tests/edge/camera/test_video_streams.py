"""Videos from the network: over HTTP, as playlists and by RTSP; no other server is contacted."""

import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edge.camera.address import parse_address
from edge.camera.finder import opener
from edge.camera.http.body import Body
from edge.camera.http.client import HttpClient
from edge.camera.source import Source, Trust, Wanted
from edge.errors import CameraError, StreamEnd
from tests.support.certificate import server_context
from tests.support.http_server import Answer, Handler, head, http_server
from tests.support.videos import number_of, write


def opened(url: str, stop: threading.Event | None = None, **trust: bool) -> Source:
    return opener(parse_address(url), Wanted(), Trust(**trust), stop)()


def refusal(url: str, **trust: bool) -> str:
    with pytest.raises(CameraError) as refused:
        opened(url, **trust).close()
    return str(refused.value).partition(" cannot be opened: ")[2]


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """1.2 s of MPEG-TS, 10 frames a second."""
    return write(tmp_path_factory.mktemp("ts") / "a.ts", "mpeg2video").read_bytes()


def gives(body: bytes, kind: str = "video/mp2t") -> Answer:
    def answer(request: Handler) -> None:
        head(request, Content_Type=kind, Content_Length=str(len(body)))
        request.wfile.write(body)

    return answer


def numbers(source: Source) -> list[int]:
    found = []
    while True:
        try:
            source.grab()
        except StreamEnd:
            return found
        found.append(number_of(source.retrieve()))


def drain(source: Source) -> None:
    while True:
        source.grab()


def test_a_video_is_played_to_its_end(segment: bytes) -> None:
    with http_server(gives(segment)) as url, closing(opened(url)) as source:
        assert numbers(source) == list(range(12))


def test_a_video_that_breaks_off_is_no_end(segment: bytes) -> None:
    def answer(request: Handler) -> None:
        head(request, Content_Type="video/mp2t", Content_Length=str(len(segment)))
        request.wfile.write(segment[: len(segment) * 2 // 3])

    with (
        http_server(answer) as url,
        closing(opened(url)) as source,
        pytest.raises(CameraError, match=r"^the connection broke off$"),
    ):
        drain(source)


def test_a_video_whose_index_is_at_its_end_is_read_in_parts(tmp_path: Path) -> None:
    content = write(tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") > content.index(b"mdat")
    asked: list[str | None] = []

    def answer(request: Handler) -> None:
        asked.append(span := request.headers.get("Range"))
        start = int(span.removeprefix("bytes=").removesuffix("-")) if span else 0
        body = content[start:]
        head(request, 206 if span else 200, Content_Type="video/mp4", Accept_Ranges="bytes",
             Content_Length=str(len(body)))  # fmt: skip
        request.wfile.write(body)

    with http_server(answer) as url, closing(opened(url)) as source:
        assert numbers(source) == list(range(12))
    assert len(asked) > 1


def test_beyond_the_end_of_a_video_there_is_nothing() -> None:
    def answer(request: Handler) -> None:
        head(request, Accept_Ranges="bytes", Content_Length="9")
        request.wfile.write(b"123456789")

    with http_server(answer) as url:
        client = HttpClient(url, Trust(), threading.Event())
        body = Body(client, client.get({}, time.monotonic() + 9))
        with closing(body):
            assert body.read(3) == b"123"
            assert body.seek(20) == 20
            assert body.read(3) == b""


def test_of_a_live_video_the_frames_come_as_they_are_sent(segment: bytes) -> None:
    def answer(request: Handler) -> None:
        head(request, Content_Type="video/mp2t")
        half = len(segment) // 2 // 188 * 188  # ISO 13818-1: packets of 188 bytes
        request.wfile.write(segment[:half])
        time.sleep(0.3)
        request.wfile.write(segment[half:])

    with http_server(answer) as url, closing(opened(url)) as source:
        source.grab()
        assert number_of(source.retrieve()) < 12
        with pytest.raises(CameraError, match=r"^the stream has ended$"):
            drain(source)


def playlist(*places: str) -> bytes:
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2"]
    for place in places:
        lines += ["#EXTINF:1.2,", place]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()


def hls(list_: Callable[[], bytes], segment: bytes, asked: list[str]) -> Answer:
    def answer(request: Handler) -> None:
        asked.append(request.path)
        if request.path.startswith("/live.m3u8"):
            gives(list_(), "application/vnd.apple.mpegurl")(request)
        else:
            gives(segment)(request)

    return answer


def test_a_playlist_is_played_from_its_own_server(segment: bytes) -> None:
    asked: list[str] = []
    with (
        http_server(hls(lambda: playlist("a.ts"), segment, asked)) as url,
        closing(opened(f"{url}/live.m3u8")) as source,
    ):
        assert numbers(source) == list(range(12))
    assert asked == ["/live.m3u8", "/a.ts"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_playlist_leads_to_no_other_server_unless_that_is_allowed(
    segment: bytes, host: str
) -> None:
    asked: list[str] = []
    elsewhere: list[str] = []

    def other(request: Handler) -> None:
        elsewhere.append(request.path)
        gives(segment)(request)

    with http_server(other) as other_url:
        there = other_url.replace("127.0.0.1", host)
        with http_server(hls(lambda: playlist(f"{there}/a.ts"), segment, asked)) as url:
            said = refusal(f"{url}/live.m3u8")
            assert elsewhere == []
            opened(f"{url}/live.m3u8", other_hosts=True).close()
    assert said.startswith(f"its playlist sends us to another server, {host}")
    assert said.endswith(": name that one, or allow it with --other-hosts")
    assert elsewhere == ["/a.ts"]


@pytest.mark.parametrize("place", ["file:///etc/passwd", "/etc/passwd", "concat:a|b", "data:,x"])
def test_a_playlist_leads_to_no_file(segment: bytes, place: str) -> None:
    asked: list[str] = []

    def answer(request: Handler) -> None:
        asked.append(request.path)
        if request.path == "/live.m3u8":
            gives(playlist(place))(request)
        else:
            head(request, 404)

    with http_server(answer) as url:
        assert refusal(f"{url}/live.m3u8")
    assert set(asked) <= {"/live.m3u8", "/etc/passwd"}  # of the server, if at all


def test_no_frame_that_is_huge_is_decoded(tmp_path: Path) -> None:
    path = write(tmp_path / "a.avi", "mjpeg", frames=1, pixel_format="yuvj420p")
    stored = b"\xff\xc0\x00\x11\x08" + (64).to_bytes(2, "big") + (96).to_bytes(2, "big")
    large = path.read_bytes().replace(stored, stored[:5] + (10000).to_bytes(2, "big") * 2)
    large = large.replace(  # the container's own account
        (96).to_bytes(4, "little") + (64).to_bytes(4, "little"), (10000).to_bytes(4, "little") * 2
    )
    with http_server(gives(large, "video/x-msvideo")) as url:
        assert refusal(url) == "no frame of it can be decoded"


def test_a_stream_that_is_no_video_is_said() -> None:
    with http_server(gives(bytes(5000), "application/octet-stream")) as url:
        assert refusal(url).startswith("the stream cannot be read (")


@contextmanager
def rtsp_server(
    answers: Sequence[str | Callable[[str], str]], context: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Has an answer for each connection, or to each request; the address, and what was asked."""
    asked: list[str] = []
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(10)

        def serve() -> None:
            for answer in answers:
                try:
                    connected, _ = listening.accept()
                    if context:
                        connected = context.wrap_socket(connected, server_side=True)
                    with connected:
                        while request := connected.recv(4096).decode():
                            asked.append(request)
                            said = answer if isinstance(answer, str) else answer(request)
                            connected.sendall(said.encode())
                            if not said:
                                break
                except OSError:  # the certificate was refused; the test is over
                    pass

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        scheme = "rtsps" if context else "rtsp"
        yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/cam", asked


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("RTSP/1.0 401 Unauthorized", "401: it wants a user and password: rtsp://USER:PASSWORD@..."),
        ("RTSP/1.0 404 Not Found", "404: there is no such path: look it up in the camera's manual"),
        ("RTSP/1.0 503 Busy", "503: the camera's server fails (Busy): try later, or restart it"),
        ("HTTP/1.1 400 Bad Request", "what answers there does not speak RTSP: is the port right?"),
        ("", "it closes the connection without an answer"),
        (
            "RTSP/1.0 302 Found\r\nLocation: rtsp://192.0.2.1/x",
            "its server sends us to another server, 192.0.2.1: name that one, or allow it with "
            "--other-hosts",
        ),
        ("RTSP/1.0 302 Found\r\nLocation: http://127.0.0.1/",
         "its server redirects to no address"),
        ("RTSP/1.0 302 Found\r\nLocation: rtsp://[x/", "its server redirects to no address"),
    ],
)  # fmt: skip
def test_what_an_rtsp_server_refuses_is_said(answer: str, reason: str) -> None:
    with rtsp_server([answer and f"{answer}\r\nCSeq: 1\r\n\r\n"]) as (url, asked):
        assert refusal(url) == reason
    assert asked[0].startswith(f"DESCRIBE {url} RTSP/1.0\r\n")


def test_a_server_that_answered_and_fails_at_once_is_asked_again() -> None:
    """GStreamer's does while it puts away what it prepared for the first question."""

    def answer(request: str) -> str:
        number = request.partition("CSeq: ")[2].split("\r")[0]
        descriptions = sum(earlier.startswith("DESCRIBE") for earlier in asked)
        fails = request.startswith("DESCRIBE") and 1 < descriptions < 4
        status = "500 No" if fails else "404 No" if descriptions >= 4 else "200 OK"
        return f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n\r\n"

    with rtsp_server([answer] * 9) as (url, asked):
        assert refusal(url).startswith("404: there is no such path")
    assert sum(request.startswith("DESCRIBE") for request in asked) == 4


def test_a_wrong_password_of_rtsp_is_said_and_not_sent_to_ask() -> None:
    said = 'RTSP/1.0 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n'
    with rtsp_server([said] * 9) as (url, asked):
        assert refusal(url.replace("//", "//admin:secret@")) == (
            "401: the user or the password is wrong"
        )
    assert ["Authorization" in request for request in asked] == [False, True]


DIGEST = 'RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm="x", nonce="{}"\r\nContent-Length: 4'


def test_who_has_taken_the_password_of_rtsp_leads_to_no_other_server() -> None:
    """By Digest (RFC 7616), with a nonce that holds for one connection, as live555 gives it."""
    nonces: list[str] = []

    def hexed(*parts: str) -> str:
        return hashlib.md5(":".join(parts).encode()).hexdigest()

    def answer(request: str) -> str:
        if "Authorization" not in request:
            nonces.append(str(len(nonces)))
            return DIGEST.format(nonces[-1]) + "\r\n\r\nwho?"
        who, what = hexed("admin", "x", "p#ss"), hexed("DESCRIBE", url)
        right = f'response="{hexed(who, nonces[-1], what)}"'
        status = "302 Found\r\nLocation: rtsp://192.0.2.1/x" if right in request else "400 No"
        return f"RTSP/1.0 {status}\r\n\r\n"

    with rtsp_server([answer] * 3) as (url, asked):
        assert refusal(url.replace("//", "//admin:p%23ss@")) == (
            "its server sends us to another server, 192.0.2.1: name that one, or allow it with "
            "--other-hosts"
        )
    assert len(asked) == 2


def test_a_way_to_log_in_that_is_not_known_is_said() -> None:
    with rtsp_server(["RTSP/1.0 401 No\r\nWWW-Authenticate: NTLM\r\n\r\n"]) as (url, _):
        assert refusal(url.replace("//", "//admin:secret@")) == (
            "401: it asks for the password in a way that is neither Basic nor Digest"
        )


def test_a_redirect_of_rtsp_to_its_own_host_brings_no_password_of_its_own() -> None:
    def redirect(_: str) -> str:
        return f"RTSP/1.0 302 Found\r\nLocation: {url.replace('//', '//x:y@')}\r\n\r\n"

    def answer(request: str) -> str:
        if "Authorization" in request:
            return "RTSP/1.0 404 No\r\n\r\n"
        return 'RTSP/1.0 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n'

    with rtsp_server([redirect, answer]) as (url, asked):
        assert refusal(url.replace("//", "//admin:secret@")).startswith("404: ")
    assert "Authorization: Basic YWRtaW46c2VjcmV0\r\n" in asked[-1]  # admin:secret


def test_a_redirect_from_rtsp_to_rtsps_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = server_context(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with rtsp_server(["RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", ""], context) as (there, asked):
        redirect = f"RTSP/1.0 302 Found\r\nLocation: {there}\r\n\r\n"
        with rtsp_server([redirect]) as (url, _):
            refusal(url, other_hosts=True)  # another port; FFmpeg gets no answer
    assert [request.split()[0] for request in asked] == ["DESCRIBE", "OPTIONS"]


def test_the_certificate_of_rtsps_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = server_context(tmp_path)
    with rtsp_server(["", "RTSP/1.0 404 No\r\nCSeq: 1\r\n\r\n"], context) as (url, asked):
        assert refusal(url).startswith("its certificate is not trusted (self-signed certificate)")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert refusal(url).startswith("404: ")
    assert len(asked) == 1


def test_nobody_at_an_rtsp_port_is_said() -> None:
    assert refusal("rtsp://127.0.0.1:9/x") == (
        "127.0.0.1 refuses the connection: is the camera's server on, and the port right?"
    )
    assert refusal("rtsp://camera.invalid/x") == (
        "no host camera.invalid is known: is the name right?"
    )


def test_the_end_is_not_held_up_by_a_video_that_stalls(segment: bytes) -> None:
    stop = threading.Event()

    def answer(request: Handler) -> None:
        head(request, Content_Type="video/mp2t")
        for start in range(0, len(segment), 188):
            request.wfile.write(segment[start : start + 188])
            time.sleep(0.02)
        time.sleep(30)

    with http_server(answer) as url, closing(opened(url, stop)) as source:
        threading.Timer(0.1, stop.set).start()
        with pytest.raises(CameraError):
            drain(source)
