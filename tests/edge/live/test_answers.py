"""Steady answers: faces followed, labels that do not flicker, and what counts as a change."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from edge.classifier import Classifier, rivals_of
from edge.classifier import answer as answered
from edge.face_classifier import FaceClassifier
from edge.faces.detector import Face, FaceDetector
from edge.images.image_file import read_image
from edge.live import tracks as tracks_module
from edge.live.answerer import FaceAnswerer, FrameAnswerer
from edge.live.changes import Changes
from edge.live.follow import Patch, followed
from edge.live.steady import DWELL_S, SteadyLabel
from edge.live.tracks import GRACE_S, LOOK_EVERY_S, FaceTracks
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from edge.model.decision import RESTING, Band, Thresholds
from edge.prediction import Prediction
from tests.support.photographs import frames, photograph

FPS = 30


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector()


@pytest.fixture(scope="module")
def faces(detector: FaceDetector) -> FaceClassifier:
    return FaceClassifier(Classifier(SHIPPED_MODEL), detector)


@pytest.fixture
def astronaut() -> np.ndarray:
    return read_image(photograph("astronaut.png"))


TWO = Band(0.1, 0.7)
THREE = Thresholds(happy=0.5, sad=0.4, neutral=0.5)


def labels(values: list[float | None], fps: float = FPS) -> list[str]:
    steady = SteadyLabel(TWO)
    said = []
    for index, p_happy in enumerate(values):
        scores = None if p_happy is None else (p_happy,)
        steady.update(scores, None if scores else "too_dark", index / fps)
        said.append(steady.label)
    return said


def changes(said: list[str]) -> int:
    return sum(one != other for one, other in itertools.pairwise(said))


def test_the_first_label_is_said_at_once() -> None:
    assert labels([0.95]) == ["happy"]
    assert labels([0.02]) == ["sad"]


def test_one_odd_frame_changes_nothing() -> None:
    assert set(labels([0.95] * 20 + [0.0] + [0.95] * 20)) == {"happy"}


def test_noise_about_the_edge_of_the_band_does_not_flicker() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 600)
    noisy = np.clip(0.7 + noise, 0, 1).tolist()
    raw = [TWO.label((p_happy,)) for p_happy in noisy]
    assert changes(raw) > 100
    assert changes(labels(noisy)) <= 3


def test_a_real_change_is_said_within_a_second() -> None:
    said = labels([0.95] * 30 + [0.02] * 60)
    assert said[29] == "happy"
    assert said[59] == "sad"
    assert changes(said) <= 2


@pytest.mark.parametrize("fps", [1, 5, 15, 60])
def test_the_time_a_change_takes_does_not_hang_on_the_frame_rate(fps: int) -> None:
    said = labels([0.95] * 2 * fps + [0.0] * 3 * fps, fps)
    change_s = (said.index("sad") - 2 * fps) / fps
    assert change_s + 1 / fps >= DWELL_S
    assert change_s <= max(1.0, 2 / fps)


def test_a_face_that_is_not_judged_for_long_becomes_unsure_with_the_reason() -> None:
    steady = SteadyLabel(TWO)
    for index in range(10):
        steady.update((0.95,), None, index / FPS)
    steady.update(None, "too_dark", 10 / FPS)
    assert (steady.label, steady.reason) == ("happy", None)
    for index in range(11, 11 + FPS):
        steady.update(None, "too_dark", index / FPS)
    assert steady.prediction() == Prediction("unsure", reason="too_dark")


def test_no_probability_stands_beside_an_unsure_that_is_held() -> None:
    steady = SteadyLabel(TWO)
    steady.update((0.5,), None, 0.0)
    for index in range(1, 4):
        steady.update((0.99,), None, index / FPS)
        answer = steady.prediction()
        assert (answer.label, answer.p_shown) == ("unsure", None)
    assert answer.p_happy > 0.6


def test_an_unsure_is_held_while_the_likeliest_answer_is_barely_likely_enough(
    faces: FaceClassifier,
) -> None:
    decision = faces.classifier.contract.decision
    steady = SteadyLabel(decision)
    doubtful, happier = np.log([(0.3, 0.1, 0.1, 0.5), (0.55, 0.1, 0.1, 0.25)])
    assert decision.label(tuple(happier)) == "happy"
    for index in range(7 * FPS):
        scores = (doubtful if index < FPS else happier) - (0, 0, RESTING, 0)
        steady.update(tuple(scores), None, index / FPS)
    given = steady.prediction()
    assert given.p_happy == pytest.approx(0.55, abs=0.001)
    assert (given.label, given.is_held, rivals_of(decision, given)) == ("unsure", True, None)


def test_the_number_beside_a_label_is_the_labels_own() -> None:
    assert answered((0.16,), "sad").p_shown == pytest.approx(0.84)
    assert answered((0.84,), "happy").p_shown == pytest.approx(0.84)
    assert answered((0.5,), "unsure").p_shown is None


@pytest.mark.parametrize("decision", [TWO, THREE], ids=["two answers", "three"])
def test_no_probability_stands_beside_a_label_that_the_bars_contradict(
    decision: Band | Thresholds,
) -> None:
    steady = SteadyLabel(decision)
    happy, sad = ((0.99,), (0.01,)) if decision is TWO else ((9.0, 0.0, 0.0, 0.0), (0.0, 9.0, 0, 0))
    seen = []
    for index in range(60):
        steady.update(happy if index < 10 else sad, None, index / FPS)
        seen.append(steady.prediction())
    held = [given for given in seen if given.is_held]
    assert {given.label for given in held} >= {"happy"}
    assert min(given.p_happy for given in held) < 0.4
    assert all(given.p_shown is None for given in held)
    assert all(given.p_shown is None or given.p_shown > 0.4 for given in seen)
    assert (seen[-1].label, seen[-1].is_held) == ("sad", False)
    assert seen[-1].p_shown > 0.8


def test_both_ends_of_a_narrow_band_can_be_left() -> None:
    low, high = 0.07, 0.67
    steady = SteadyLabel(Band(low, high))
    for p_happy, expected in [((low + high) / 2, "unsure"), (0.0, "sad"), (1.0, "happy")]:
        start = {"unsure": 0, "sad": 100, "happy": 200}[expected]
        for index in range(start, start + 60):
            steady.update((p_happy,), None, index / FPS)
        assert steady.label == expected


def shifted(image: np.ndarray, x: float, y: float, scale: float = 1.0) -> np.ndarray:
    height, width = image.shape[:2]
    motion = np.array([[scale, 0, x], [0, scale, y]], np.float32)
    return cv2.warpAffine(image, motion, (width, height), borderMode=cv2.BORDER_REPLICATE)


def test_a_face_is_followed_where_it_moves(detector: FaceDetector, astronaut: np.ndarray) -> None:
    face = detector.detect(astronaut)[0]
    start, points = face.box, face.keypoints
    for step in range(1, 16):
        before, now = (shifted(astronaut, 4 * n, 2 * n, 1.01**n) for n in (step - 1, step))
        moved = followed(face, Patch(before, face.box), now)
        assert moved is not None
        face = moved
    grown = 1.01**15
    expected = (start[0] * grown + 60, start[1] * grown + 30, start[2] * grown, start[3] * grown)
    assert face.box == pytest.approx(expected, abs=0.06 * start[2])
    # The keypoints move along, or the crop would lose its turn.
    assert face.keypoints == pytest.approx(points * grown + (60, 30), abs=0.06 * start[2])


def test_a_face_that_is_gone_is_not_followed(detector: FaceDetector, astronaut: np.ndarray) -> None:
    face = detector.detect(astronaut)[0]
    noise = np.random.default_rng(0).integers(0, 256, astronaut.shape, np.uint8)
    assert followed(face, Patch(astronaut, face.box), noise) is None
    assert followed(face, Patch(astronaut, face.box), np.zeros_like(astronaut)) is None


def test_a_face_at_the_border_is_no_error(detector: FaceDetector, astronaut: np.ndarray) -> None:
    face = detector.detect(astronaut)[0]
    x, y, width, height = face.box
    for dx, dy in [(-x - width / 2, 0), (0, -y - height / 2), (5000, 5000), (-5000, 0)]:
        box = (x + dx, y + dy, width, height)
        away = Face(box, face.keypoints + np.float32([dx, dy]), face.score)
        followed(away, Patch(astronaut, box), astronaut)


def test_a_still_face_is_looked_for_now_and_then_only(
    detector: FaceDetector, astronaut: np.ndarray
) -> None:
    tracks = FaceTracks(detector)
    for index in range(3 * FPS):
        (*_, track) = tracks.update(astronaut, index / FPS) or [None]
        assert index < 1 or (track is not None and track.id == 1)
    assert tracks.looks <= 3 / LOOK_EVERY_S + 3


def test_a_look_over_several_frames_finds_what_a_look_at_one_does(
    detector: FaceDetector, astronaut: np.ndarray
) -> None:
    for picture in (astronaut, astronaut[:200, :200], np.full_like(astronaut, 128)):
        look = detector.look()
        asked = [look.ask(picture)]
        while asked[-1] is None:
            asked.append(look.ask(picture))
        assert [face.box for face in asked[-1]] == [face.box for face in detector.detect(picture)]
    assert len(asked) == 3  # nothing is there: all networks were asked


def test_a_live_frame_waits_for_one_network_and_looking_leaves_time_for_others(
    detector: FaceDetector, astronaut: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracks_module, "PATIENCE_S", 0.0)
    monkeypatch.setattr(tracks_module, "LOOK_SHARE", 1e-6)  # after a look, none for very long
    live, video = FaceTracks(detector, is_live=True), FaceTracks(detector)
    empty = np.full_like(astronaut, 128)
    looks = []
    for index in range(2 * FPS):
        live.update(empty, index / FPS)
        video.update(empty, index / FPS)
        looks.append(live.looks)
    assert looks[:3] == [0, 0, 1]  # a network a frame
    assert looks[-1] == 1
    assert video.looks > 15


def test_a_face_keeps_its_number_through_a_gap_shorter_than_the_grace(
    detector: FaceDetector, astronaut: np.ndarray
) -> None:
    tracks = FaceTracks(detector)
    empty = np.full_like(astronaut, 128)
    seen = []
    for index in range(2 * FPS):
        is_gap = 0.5 <= index / FPS < 0.5 + 0.7 * GRACE_S
        found = tracks.update(empty if is_gap else astronaut, index / FPS)
        seen.append([(track.id, track.is_seen) for track in found])
    assert {track for frame in seen[2:] for track, _ in frame} == {1}
    assert any(not is_seen for frame in seen for _, is_seen in frame)


def test_a_face_that_stays_away_is_forgotten_after_the_grace(
    detector: FaceDetector, astronaut: np.ndarray
) -> None:
    tracks = FaceTracks(detector)
    for index in range(10):
        tracks.update(astronaut, index / FPS)
    empty = np.full_like(astronaut, 128)
    gone = [tracks.update(empty, index / FPS) for index in range(10, 10 + FPS)]
    assert gone[0]
    assert not gone[-1]
    found = [tracks.update(astronaut, 2 + index / FPS) for index in range(5)]
    assert found[-1][0].id == 2


def test_a_camera_of_one_frame_a_second_still_follows(
    detector: FaceDetector, astronaut: np.ndarray
) -> None:
    tracks = FaceTracks(detector)
    ids = [[track.id for track in tracks.update(astronaut, float(second))] for second in range(8)]
    assert ids[1:] == [[1]] * 7


def three_labels(logits: list[tuple[float, ...]]) -> list[str]:
    steady = SteadyLabel(THREE)
    said = []
    for index, scores in enumerate(logits):
        steady.update(scores, None, index / FPS)
        said.append(steady.label)
    return said


NEUTRAL, SAD, HAPPY = (0.0, 1.0, 3.0, 0.0), (-2.0, 4.0, 1.0, 0.0), (5.0, -3.0, 0.0, 0.0)


def test_a_resting_face_with_sad_looking_frames_stays_neutral() -> None:
    assert set(three_labels([NEUTRAL, NEUTRAL, NEUTRAL, NEUTRAL, SAD] * 30)) == {"neutral"}


def test_a_second_of_evidence_changes_one_of_three_answers_once() -> None:
    said = three_labels([NEUTRAL] * 60 + [SAD] * 60 + [HAPPY] * 60)
    assert [label for label, _ in itertools.groupby(said)] in (
        ["neutral", "sad", "happy"], ["neutral", "sad", "unsure", "happy"],
    )  # fmt: skip
    assert said[60 + FPS] == "sad"
    assert said[120 + FPS] == "happy"


def test_noise_between_two_of_three_answers_does_not_flicker() -> None:
    rng = np.random.default_rng(0)
    noisy = [tuple(np.array((0.0, 2.0, 2.2, 0.0)) + rng.normal(0, 0.6, 4)) for _ in range(600)]
    raw = [THREE.label(scores) for scores in noisy]
    assert changes(raw) > 100
    assert changes(three_labels(noisy)) <= 3


def test_a_face_between_two_answers_is_unsure_and_a_change_makes_no_detour() -> None:
    device = Thresholds(happy=0.4, sad=0.4, neutral=0.4, lead=0.35)
    assert device.label((0.0, 2.0, 2.2, -2.0)) == "unsure"
    assert device.label((0.0, 2.0, 2.4, -2.0)) == "neutral"
    steady, said = SteadyLabel(device), []
    for index in range(4 * FPS):
        happier = (min(index / FPS, 3.0) - 1) * 3  # in three seconds
        steady.update((happier, -2.0, 0.0, -2.0), None, index / FPS)
        said.append(steady.label)
    assert [label for label, _ in itertools.groupby(said)] == ["neutral", "happy"]


def test_what_is_shown_adds_up_to_one_with_the_other_expressions() -> None:
    steady = SteadyLabel(THREE)
    for index in range(30):
        steady.update(NEUTRAL if index % 2 else SAD, None, index / FPS)
    shown = steady.prediction().probabilities.values()
    assert 0.9 < sum(p for p in shown if p is not None) < 1


def test_the_sides_of_a_face_take_turns_while_frames_follow_each_other_closely() -> None:
    steady, asked = SteadyLabel(THREE), []
    for time_s in (0.0, 0.05, 0.1, 0.15, 1.0, 1.05):
        asked.append(steady.glance(time_s))
        steady.update(NEUTRAL, None, time_s)
    assert asked == [None, 2, 3, 4, None, 6]


def test_five_faces_have_five_numbers(detector: FaceDetector, group: Path) -> None:
    picture = read_image(group)
    tracks = FaceTracks(detector)
    for index in range(FPS):
        found = tracks.update(picture, index / FPS)
    assert sorted(track.id for track in found) == [1, 2, 3, 4, 5]


def test_the_video_of_one_face_changes_when_it_comes(faces: FaceClassifier, smile: Path) -> None:
    answerer, before = FaceAnswerer(faces), Changes()
    said = []
    for index, image in enumerate(frames(smile)):
        answers = answerer.answer(image, index / FPS)
        said += [change.answer.label for change in before.update(answers, index / FPS)]
    assert said == ["no_face", "happy"]
    # Between looks it is followed: a tenth of the looks, with the same answers.
    assert answerer.tracks.looks < index / 5


def test_following_gives_the_answers_of_looking_at_every_frame(
    faces: FaceClassifier, smile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = list(frames(smile))[24:]

    def p_happy() -> np.ndarray:
        answerer = FaceAnswerer(faces)
        answers = [answerer.answer(image, index / FPS)[0] for index, image in enumerate(video)]
        return np.array([answer.p_happy for answer in answers[1:]])

    followed_p = p_happy()
    monkeypatch.setattr("edge.live.tracks.LOOK_EVERY_S", 0.0)
    # 0.005 on average where it was written, 0.06 at most.
    assert np.abs(followed_p - p_happy()).mean() < 0.02


def test_the_whole_picture_can_be_the_face(faces: FaceClassifier, astronaut: np.ndarray) -> None:
    face = faces.detector.detect(astronaut)[0]
    x, y, width, height = (round(side) for side in face.box)
    crop = astronaut[y : y + height, x : x + width]
    answerer = FrameAnswerer(faces.classifier)
    (answer,) = answerer.answer(crop, 0.0)
    assert (answer.label, answer.box, answer.track_id) == ("happy", None, None)


def answer(track_id: int | None, label: str) -> Prediction:
    return Prediction(label, None if label == "no_face" else 0.5, track_id=track_id, latency_ms=1.0)


def said(before: Changes, time_s: float, *answers: Prediction) -> list[tuple[object, ...]]:
    return [
        (change.answer.track_id, change.answer.label, change.previous, change.faces)
        for change in before.update(answers, time_s)
    ]


def test_changes_are_who_comes_who_leaves_and_whose_label_is_another() -> None:
    before = Changes()
    nobody = answer(None, "no_face")
    assert said(before, 0.0, nobody) == []  # too early: a face has yet to be found
    assert said(before, 0.1, answer(1, "happy")) == [(1, "happy", None, 1)]
    assert said(before, 0.2, answer(1, "happy")) == []
    assert said(before, 0.3, answer(1, "happy"), answer(2, "sad")) == [(2, "sad", None, 2)]
    assert said(before, 0.4, answer(1, "unsure"), answer(2, "sad")) == [(1, "unsure", "happy", 2)]
    assert said(before, 0.5, answer(2, "sad")) == [(1, "no_face", "unsure", 1)]
    assert said(before, 0.6, nobody) == [(None, "no_face", "sad", 0)]
    assert said(before, 9.0, nobody) == []


def test_nobody_from_the_start_is_said_once_after_the_grace() -> None:
    before = Changes()
    nobody = answer(None, "no_face")
    told = [bool(said(before, index / FPS, nobody)) for index in range(2 * FPS)]
    assert told.count(True) == 1
    assert told.index(True) == pytest.approx(GRACE_S * FPS, abs=1)


def test_without_a_camera_nobody_is_there_and_the_reason_is_given_once() -> None:
    before = Changes()
    said(before, 0.0, answer(1, "happy"))
    (change,) = before.no_camera()
    assert (change.answer.label, change.answer.reason) == ("no_face", "no_camera")
    assert (change.previous, change.faces) == ("happy", 0)
    assert before.no_camera() == ()
    # When it is back, a face is given time to be found.
    assert said(before, 5.0, answer(None, "no_face")) == []
    assert said(before, 5.1, answer(2, "sad")) == [(2, "sad", None, 1)]
