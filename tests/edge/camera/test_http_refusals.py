"""What is said where an address gives no pictures: one sentence that says which reason it is."""

import hashlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edge.camera.address import parse_address
from edge.camera.finder import opener
from edge.camera.source import Source, Trust, Wanted
from edge.errors import CameraError
from tests.support.certificate import server_context
from tests.support.http_server import Answer, Handler, head, http_server, level, picture
from tests.support.stream_server import free_port

JPEG = picture(120)


def opened(url: str, **trust: bool) -> Source:
    return opener(parse_address(url), Wanted(), Trust(**trust))()


def refusal(url: str, **trust: bool) -> str:
    """What is said; the address alone before it."""
    with pytest.raises(CameraError) as refused:
        opened(url, **trust).close()
    name, _, reason = str(refused.value).partition(" cannot be opened: ")
    assert name == parse_address(url).name
    return reason


def snapshot(request: Handler) -> None:
    head(request, Content_Type="image/jpeg", Content_Length=str(len(JPEG)))
    request.wfile.write(JPEG)


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(request: Handler) -> None:
        head(request, status, **headers)
        request.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (says(401), "401: it wants a user and password: http://USER:PASSWORD@..."),
        (says(403), "403: it is forbidden to this user: look into the camera's list of users"),
        (says(404), "404: there is no such path: look it up in the camera's manual"),
        (says(410), "410: there is no such path: look it up in the camera's manual"),
        (
            says(500),
            "500: the camera's server fails (Internal Server Error): try later, or restart it",
        ),
        (
            says(503),
            "503: the camera's server fails (Service Unavailable): try later, or restart it",
        ),
        (says(405), "405: the camera's server refuses (Method Not Allowed)"),
        (
            says(200, b"<!DOCTYPE html><html>log in</html>", Content_Type="text/html"),
            "it is a web page, no picture: look up the address of the picture or stream itself",
        ),
        (
            says(200, b"\n <html>log in</html>", Content_Type="image/jpeg"),
            "it is a web page, no picture: look up the address of the picture or stream itself",
        ),
        (
            says(200, b'{"error": "log in"}', Content_Type="application/json"),
            "it is text, no picture (application/json)",
        ),
        (
            says(200, b"<?xml version='1.0'?><MPD/>", Content_Type="application/dash+xml"),
            "it is text, no picture (application/dash+xml)",
        ),
        (says(200, b"no such camera", Content_Type="text/plain"),
         "it is text, no picture (text/plain)"),
        (says(200), "its answer is empty"),
        (says(204), "204: the camera's server refuses (No Content)"),
        (
            says(200, b"--x\r\n\r\nno\r\n--x--", Content_Type="multipart/x-mixed-replace"),
            "its answer has no picture in it",
        ),
        (lambda request: request.wfile.write(b"RTSP/1.0 400 Bad Request\r\n\r\n"),
         "what answers there does not speak HTTP: is the port right?"),
        (lambda request: setattr(request, "close_connection", True),
         "it closes the connection without an answer"),
    ],
)  # fmt: skip
def test_each_answer_that_is_no_picture_has_its_own_reason(answer: Answer, reason: str) -> None:
    with http_server(answer) as url:
        assert refusal(f"{url}/x") == reason


def test_nobody_at_the_port_and_an_unknown_host_are_told_apart() -> None:
    assert refusal(f"http://127.0.0.1:{free_port()}/") == (
        "127.0.0.1 refuses the connection: is the camera's server on, and the port right?"
    )
    assert refusal("http://camera.invalid/") == (
        "no host camera.invalid is known: is the name right?"
    )


@pytest.mark.parametrize("said", [b"", b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x\r\n\r\n"])
def test_silence_is_said(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("opening", "pictures"):
        monkeypatch.setattr(f"edge.camera.http.{module}.SILENT_S", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        held: list[socket.socket] = []

        def begin() -> None:
            held.append(silent.accept()[0])
            held[0].sendall(said)

        beginning = threading.Thread(target=begin)
        beginning.start()
        reason = refusal(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        beginning.join()
        held[0].close()
    assert reason == ("it gives no picture" if said else "it takes the connection and says nothing")


def test_an_answer_that_dribbles_in_does_not_hold_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.camera.http.opening.SILENT_S", 0.5)

    def dribble(request: Handler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000:
            request.wfile.write(bytes([byte]))
            time.sleep(0.05)

    with http_server(dribble) as url:
        assert refusal(url) == "it takes the connection and says nothing"


def asks_for(challenges: list[str], is_right: Callable[[str], bool]) -> Answer:
    def answer(request: Handler) -> None:
        if is_right(request.headers.get("Authorization", "")):
            snapshot(request)
            return
        request.send_response_only(401)
        for challenge in challenges:
            request.send_header("WWW-Authenticate", challenge)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def test_basic_is_answered_and_a_wrong_password_is_said() -> None:
    right = "Basic YWRtaW46cCNzcw=="  # admin:p#ss
    with http_server(asks_for(['Basic realm="cam, 1"'], lambda sent: sent == right)) as url:
        with closing(opened(url.replace("//", "//admin:p%23ss@"))) as source:
            source.grab()
            assert level(source.retrieve()) == 120
        assert refusal(url.replace("//", "//admin:other@")) == (
            "401: the user or the password is wrong"
        )


@pytest.mark.parametrize(
    ("algorithm", "compute"), [("MD5", hashlib.md5), ("SHA-256", hashlib.sha256), ("", hashlib.md5)]
)
@pytest.mark.parametrize("qop", [', qop="auth,auth-int"', ", qop=auth", ""])
def test_digest_is_answered_and_preferred_to_basic(
    algorithm: str, compute: Callable, qop: str
) -> None:
    said = f", algorithm={algorithm}" if algorithm else ""
    # RFC 7616, 3.4.1.
    challenges = [
        'Basic realm="x"',
        'Digest realm="x", nonce="n", algorithm=UNKNOWN',
        f'Digest realm="a, b", nonce="n0nce", opaque="o"{qop}{said}',
    ]

    def hexed(*parts: str) -> str:
        return compute(":".join(parts).encode()).hexdigest()

    def is_right(sent: str) -> bool:
        fields = dict(re.findall(r'(\w+)="?([^",]*)', sent.replace('"a, b"', '"a; b"')))
        if not sent.startswith("Digest "):
            return False
        who = hexed("admin", "a, b", "secret")
        what = hexed("GET", "/x?y=1")
        middle = ["n0nce", fields["nc"], fields["cnonce"], "auth"] if qop else ["n0nce"]
        return fields["response"] == hexed(who, *middle, what) and fields["opaque"] == "o"

    with http_server(asks_for(challenges, is_right)) as url:
        opened(url.replace("//", "//admin:secret@") + "/x?y=1").close()


def test_digest_is_answered_with_names_of_any_letters() -> None:
    """The user's in UTF-8, the realm's byte for byte as it came (here Latin-1)."""
    sent: list[str] = []

    def is_right(header: str) -> bool:
        sent.append(header)
        who = hashlib.md5("Ж:".encode() + "Büro".encode("latin-1") + ":ключ".encode()).hexdigest()
        what = hashlib.md5(b"GET:/x").hexdigest()
        return hashlib.md5(f"{who}:n:{what}".encode()).hexdigest() in header

    with http_server(asks_for(['Digest realm="Büro", nonce="n"'], is_right)) as url:
        opened(url.replace("//", "//%D0%96:%D0%BA%D0%BB%D1%8E%D1%87@") + "/x").close()
    assert 'username="Ж", realm="B'.encode() in sent[-1].encode("latin-1")


def test_a_way_to_log_in_that_is_not_known_is_said() -> None:
    with http_server(asks_for(["Negotiate"], lambda _: False)) as url:
        assert refusal(url.replace("//", "//admin:secret@")) == (
            "401: it asks for the password in a way that is neither Basic nor Digest"
        )


def redirects(to: Callable[[Handler], str]) -> Answer:
    def answer(request: Handler) -> None:
        if request.path == "/there":
            snapshot(request)
        else:
            head(request, 302, Location=to(request))

    return answer


def test_a_redirect_is_followed_on_the_same_host_only() -> None:
    with http_server(redirects(lambda _: "/there")) as url:
        opened(url).close()
    with http_server(redirects(lambda request: f"http://localhost:{port(request)}/there")) as url:
        assert refusal(url) == (
            "its server sends us to another server, localhost: name that one, or allow it with "
            "--other-hosts"
        )
        opened(url, other_hosts=True).close()
    with http_server(redirects(lambda request: "http://127.0.0.1:9/there")) as url:
        assert "another server, 127.0.0.1:9: name that one" in refusal(url)
    with http_server(redirects(lambda _: "/again")) as url:
        assert refusal(url) == "its server redirects more than 5 times"
    with http_server(redirects(lambda _: "file:///etc/passwd")) as url:
        assert refusal(url) == "its server redirects to no address"


def port(request: Handler) -> int:
    return request.server.server_address[1]


def test_another_host_does_not_get_the_password() -> None:
    sent: list[str | None] = []

    def answer(request: Handler) -> None:
        sent.append(request.headers.get("Authorization"))
        if request.path == "/there":
            snapshot(request)
        elif sent[-1]:
            head(request, 302, Location=f"http://localhost:{port(request)}/there")
        else:
            head(request, 401, WWW_Authenticate='Basic realm="x"')

    with http_server(answer) as url:
        opened(url.replace("//", "//admin:secret@"), other_hosts=True).close()
    assert [bool(header) for header in sent] == [False, True, False]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A certificate of the camera's own, for 127.0.0.1."""
    return server_context(tmp_path_factory.mktemp("tls"))


def test_a_certificate_is_verified_unless_the_user_wants_none(
    tls: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = tls
    with http_server(snapshot, context) as url:
        assert refusal(url) == (
            "its certificate is not trusted (self-signed certificate): SSL_CERT_FILE names one to "
            "trust, --insecure goes on without a check"
        )
        opened(url, insecure=True).close()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        opened(url).close()
        assert "Hostname mismatch" in refusal(url.replace("127.0.0.1", "localhost"))


def test_https_to_a_server_without_it_is_said() -> None:
    with http_server(snapshot) as url:
        assert refusal(url.replace("http:", "https:")) == (
            "it does not speak TLS: is the s of https:// or rtsps:// right?"
        )


def test_from_https_to_http_nobody_is_led(tls: tuple[ssl.SSLContext, Path]) -> None:
    with http_server(redirects(lambda request: f"http://127.0.0.1:{port(request)}/x"),
                     tls[0]) as url:  # fmt: skip
        assert refusal(url, insecure=True) == (
            "its server sends us from https to http, where everybody can read"
        )


def test_capitals_and_spaces_in_an_address() -> None:
    asked: list[str] = []

    def answer(request: Handler) -> None:
        asked.append(request.path)
        snapshot(request)

    with http_server(answer) as url:
        opened(url.replace("http", "HTTP") + "/a%20b/ü?x=[1]&y=|").close()
    assert asked == ["/a%20b/%C3%BC?x=[1]&y=|"]
