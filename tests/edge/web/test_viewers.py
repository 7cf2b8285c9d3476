"""The picture on its way to those who look: newest first, one at a time, for nobody at all."""

import asyncio
import contextlib
import json
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.exceptions import HTTPException
from websockets.exceptions import ConnectionClosedError

from edge.classifier import Classifier
from edge.face_classifier import picture_classifier
from edge.images.image_file import decode_image
from edge.machine.memory import VARIABLE, picture_bytes
from edge.web import connection, door
from edge.web.diary import NEWS, SECONDS, Diary
from edge.web.picture import LONGEST_SIDE, Picture
from edge.web.question import Question
from edge.web.screen import LINES, PICTURES_PER_S
from tests.support.chain import ROOT
from tests.support.page_client import Client, Viewer
from tests.support.page_server import IMAGE, NOBODY, Played, played
from tests.support.patience import until


@pytest.fixture
def page() -> Iterator[Played]:
    with played() as server:
        yield server


def client(page: Played) -> Client:
    return Client(page.server.port)


def test_while_nobody_looks_no_picture_is_wanted(page: Played) -> None:
    assert not page.screen.is_due()
    with client(page).live():
        until(page.screen.is_due)
        page.show()
        assert not page.screen.is_due()  # more than so many a second are not wanted
        time.sleep(1.1 / PICTURES_PER_S)
        assert page.screen.is_due()
    until(lambda: page.screen.taken == 0)
    assert not page.screen.is_due()
    assert page.screen.newest is None  # nor kept


def test_a_picture_that_came_after_the_last_viewer_is_not_the_next_ones(page: Played) -> None:
    with page.screen.seat():
        assert page.screen.is_due()
    page.show()  # the loop was making it
    with page.screen.seat():
        assert page.screen.newest is None


def test_a_message_that_is_no_text_ends_a_viewer_not_in_a_bug(
    page: Played, capfd: pytest.CaptureFixture[str]
) -> None:
    with page.playing(), client(page).live() as live:
        live.send(b"next")
        with pytest.raises(ConnectionClosedError) as closed:
            list(live)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1003
    assert capfd.readouterr().err == ""


def test_a_viewer_gets_the_newest_picture_once_it_has_shown_the_last(page: Played) -> None:
    with client(page).live() as live:
        assert json.loads(live.recv())["kind"] == "hello"
        until(page.screen.is_due)
        page.show(0)
        first = json.loads(live.recv())
        assert (first["kind"], first["number"], first["size"]) == ("picture", 0, [64, 48])
        assert decode_image(live.recv()).shape == IMAGE.shape
        for number in range(1, 9):
            page.show(number)
        with pytest.raises(TimeoutError):
            live.recv(timeout=0.3)  # the last one is not shown yet
        live.send("next")
        assert json.loads(live.recv())["number"] == 8


def test_what_made_an_answer_is_looked_for_once_and_only_for_those_who_ask(page: Played) -> None:
    asked = []

    def explain() -> dict[str, object]:
        asked.append(1)
        return {"label": "happy", "places": [[1.0]]}

    with client(page).live() as curious, client(page).live() as other:
        for live in (curious, other):
            assert json.loads(live.recv())["kind"] == "hello"
        until(lambda: page.screen.taken == 2)
        page.screen.show(Picture(IMAGE, None, dict(NOBODY), explain))
        for live, wish in ((curious, "why"), (other, "next")):
            assert json.loads(live.recv())["kind"] == "picture"
            live.recv()
            live.send(wish)
        assert asked == []
        picture = Picture(IMAGE, None, dict(NOBODY), explain)
        page.screen.show(picture)
        why = {"kind": "why", "label": "happy", "places": [[1.0]]}
        assert json.loads(curious.recv()) == why
        assert json.loads(picture.why()) == why
        for live in (curious, other):
            assert json.loads(live.recv())["kind"] == "picture"
    assert asked == [1]


def test_a_stalled_viewer_slows_nobody_and_is_let_go_of(
    page: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.web.site.STALLED_S", 1.0)
    with page.playing(), client(page).live() as stalled:
        others = [Viewer(client(page)) for _ in range(3)]
        until(lambda: all(len(viewer.facts) > 10 for viewer in others))
        for viewer in others:
            viewer.close()
        for _ in ("hello", "a picture", "its JPEG"):
            stalled.recv(timeout=20)
        with pytest.raises(ConnectionClosedError) as closed:
            stalled.recv(timeout=20)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, "nothing was shown")
        until(lambda: page.screen.taken == 0)


def test_beyond_the_seats_there_is_one_line() -> None:
    with played(seats=2) as page, client(page).live(), client(page).live():
        until(lambda: page.screen.taken == 2)
        said = "2 are looking already, and more would slow the answers: try again later"
        for path in ("/snapshot.jpg", "/stream.mjpg", "/answers"):
            reply = client(page).ask(path)
            assert (reply.status, reply.text) == (503, f"{said}\n")
            assert reply.headers["retry-after"] == "10"
        with client(page).live() as third, pytest.raises(ConnectionClosedError) as closed:
            third.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, said)
        assert client(page).ask("/healthz").status == 200  # which needs no seat


def test_a_snapshot_waits_for_a_picture_and_gives_up_without_a_camera(
    page: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    with page.playing():
        reply = client(page).ask("/snapshot.jpg")
    assert (reply.status, reply.headers["content-type"]) == (200, "image/jpeg")
    assert decode_image(reply.body).shape == IMAGE.shape
    monkeypatch.setattr("edge.web.site.FIRST_S", 0.2)
    reply = client(page).ask("/snapshot.jpg")
    assert (reply.status, reply.text) == (503, "no camera gives pictures now\n")


def test_a_stream_is_parts_of_jpeg_and_its_end_frees_the_seat(page: Played) -> None:
    with page.playing():
        with client(page).open("/stream.mjpg") as stream:
            assert (
                stream.getheader("content-type") == "multipart/x-mixed-replace; boundary=happysad"
            )
            for _ in range(3):
                assert stream.readline() == b"--happysad\r\n"
                assert stream.readline() == b"Content-Type: image/jpeg\r\n"
                size = int(stream.readline().split()[1])
                assert stream.readline() == b"\r\n"
                assert decode_image(stream.read(size)).shape == IMAGE.shape
                assert stream.readline() == b"\r\n"
        until(lambda: page.screen.taken == 0)


def test_a_stream_that_nobody_takes_is_ended(page: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.web.stream.STALLED_S", 0.3)
    monkeypatch.setattr(connection, "SILENT_S", 0.2)
    noise = np.random.default_rng(0).integers(0, 256, (600, 800, 3), np.uint8)
    with socket.create_connection(("127.0.0.1", page.server.port)) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        until(lambda: page.screen.taken == 1)

        def is_free() -> bool:
            if page.screen.is_due():
                page.screen.show(Picture(noise, None, {}))
            return page.screen.taken == 0

        until(is_free)


def test_answers_come_as_events_the_present_ones_first(page: Played) -> None:
    page.screen.now = ['{"label": "happy"}']
    with client(page).open("/answers") as events:
        assert events.getheader("content-type") == "text/event-stream"
        assert events.readline() == b'data: {"label": "happy"}\n'
        until(lambda: page.screen.is_heard)
        page.screen.say(['{"label": "sad"}', '{"label": "no_face"}'])
        assert events.readline() == b"\n"
        assert events.readline() == b'data: {"label": "sad"}\n'
        assert events.readline() == b"\n"
        assert events.readline() == b'data: {"label": "no_face"}\n'
    until(lambda: not page.screen.is_heard)


def test_a_listener_that_is_too_slow_loses_the_oldest_lines(page: Played) -> None:
    with page.screen.listening() as listener:
        page.screen.say([str(number) for number in range(LINES + 5)])
        assert (len(listener.lines), listener.lines[0]) == (LINES, "5")


def test_a_picture_is_encoded_once_and_not_larger_than_a_page_shows() -> None:
    large = np.zeros((1500, 2000, 3), np.uint8)
    picture = Picture(large, np.zeros((48, 48, 1), np.uint8), {"number": 1})
    jpeg = picture.jpeg()
    assert jpeg is not None
    assert picture.jpeg() is jpeg
    assert max(decode_image(jpeg).shape) == LONGEST_SIDE
    facts = json.loads(picture.text())
    assert facts["size"] == [2000, 1500]  # boxes are in pixels of the frame
    assert facts["crop"].startswith("data:image/png;base64,")
    without = Picture(None, None, {})
    assert (without.jpeg(), json.loads(without.text())["size"]) == (None, None)


def test_the_diary_keeps_the_last_minutes_and_tells_what_is_new() -> None:
    diary = Diary()
    for number in range(SECONDS + 10):
        diary.add("second", time_s=number)
    for number in range(NEWS + 10):
        diary.add("news", text=str(number))
    last, entries = diary.since(0)
    assert len(entries) == SECONDS + NEWS
    assert entries[0] == {"kind": "second", "time_s": 10}
    assert diary.since(last) == (last, [])
    diary.add("news", text="later")
    assert diary.since(last) == (last + 1, [{"kind": "news", "text": "later"}])


def test_a_picture_that_is_sent_is_answered_as_classify_does(page: Played) -> None:
    reply = client(page).ask("/classify", "POST", (ROOT / "docs" / "faces.jpg").read_bytes())
    (answer,) = reply.json()  # type: ignore[misc]
    assert (answer["label"], answer["p_happy"], answer["path"]) == ("happy", 0.9, None)


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"", {}, 422, "empty: send the content of an image file"),
        (b"not an image", {}, 422, "not an image (starts with 'not an image')"),
        (b"\xff\xd8\xff\xe0", {}, 422, "truncated JPEG"),
        (b"x", {"Content-Length": "200000001"}, 413, "more than the cap of 200 MB"),
    ],
)
def test_what_is_no_picture_or_too_much_is_refused(
    page: Played, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    reply = client(page).ask("/classify", "POST", body, headers)
    assert (reply.status, reply.text) == (status, f"{said}\n")


def test_a_small_machine_takes_a_smaller_file_and_holds_it_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answer(number: int, headers: dict[str, str]) -> tuple[int, str]:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(number):
                yield bytes(100_000)

        with pytest.raises(HTTPException) as refused:
            await Question(lambda: lambda image: []).ask(headers, parts())
        return refused.value.status_code, refused.value.detail

    monkeypatch.setenv(VARIABLE, "40")
    picture_bytes.cache_clear()
    try:
        for number, headers in ((101, {}), (1, {"content-length": "10000001"})):
            assert asyncio.run(answer(number, headers)) == (413, "more than the cap of 10 MB")
        tracemalloc.start()
        assert asyncio.run(answer(90, {}))[0] == 422
        assert tracemalloc.get_traced_memory()[1] < 1.5 * 9_000_000
    finally:
        tracemalloc.stop()
        picture_bytes.cache_clear()


def test_a_model_that_cannot_be_loaded_is_no_bug(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone.tflite"
    photo = (ROOT / "docs" / "faces.jpg").read_bytes()
    with played(make=lambda: picture_classifier(Classifier(gone), "frame", "auto")) as page:
        reply = client(page).ask("/classify", "POST", photo)
    assert reply.status == 503
    assert reply.text.startswith(f"no model at {gone}: ")
    assert capfd.readouterr().err == ""


def test_a_bomb_of_pixels_is_refused_before_it_is_decoded(page: Played) -> None:
    head = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
    bomb = head + (60000).to_bytes(4, "big") * 2 + bytes.fromhex("0802000000")
    reply = client(page).ask("/classify", "POST", bomb)
    assert reply.status == 422


def test_health_is_said_by_the_status(page: Played) -> None:
    assert client(page).ask("/healthz").status == 200
    page.is_well = False
    assert client(page).ask("/healthz").status == 503


def test_connections_are_few_and_none_lasts_without_asking(
    page: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST", 10)
    monkeypatch.setattr(connection, "SILENT_S", 0.3)
    links = [socket.create_connection(("127.0.0.1", page.server.port)) for _ in range(30)]
    try:
        links[0].sendall(b"GET /healthz HTTP/1.1\r\n")  # and never the rest
        for link in links:
            link.settimeout(20)
            with contextlib.suppress(ConnectionResetError):
                assert link.recv(1) == b""
    finally:
        for link in links:
            link.close()
    assert client(page).ask("/healthz").status == 200


def test_the_server_ends_at_once_while_people_look() -> None:
    with played() as page, client(page).open("/stream.mjpg"), client(page).open("/answers"):
        viewer = Viewer(client(page))
        until(lambda: page.screen.taken == 3)
        page.server.__exit__(None, None, None)
        assert not page.server.is_alive
        viewer.close()
