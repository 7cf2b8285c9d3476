"""Scanning and look-alikes, on real image files."""

from contextlib import closing

import numpy as np
import pytest

from data.drawing import draw_face
from data.folder import LabelledFile
from data.lookalikes import BLOCK, clashing_pairs, group_lookalikes
from data.scan import scan
from data.thumbnails import Thumbnails
from edge.images.preprocess import InputSpec, prepare
from edge.machine.opencv import cv2


def face(seed=0, label="happy"):
    return draw_face(label, np.random.default_rng(seed))


def files(tmp_path, *images, label="happy"):
    paths = [tmp_path / f"{label}-{i}.png" for i in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        cv2.imwrite(str(path), image)
    return [LabelledFile(str(path), label, None) for path in paths]


def compared(search, listed):
    with closing(Thumbnails(len(listed))) as thumbnails:
        return search(scan(listed, thumbnails=thumbnails).images, thumbnails)


def groups(tmp_path, *images):
    return compared(group_lookalikes, files(tmp_path, *images)).tolist()


def jpeg(image):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], 1)


def test_a_scan_keeps_size_digest_and_the_models_input(tmp_path):
    image = face()[:100]
    spec = InputSpec(48, 40, 1)
    listed = files(tmp_path, image)
    cv2.imwrite(str(tmp_path / "copy.bmp"), image)
    listed.append(LabelledFile(str(tmp_path / "copy.bmp"), "sad", None))
    scanned = scan(listed, spec)
    one, copy = scanned.images
    assert one.size_wh == (150, 100)
    assert one.digest == copy.digest
    np.testing.assert_array_equal(scanned.pixels, [prepare(image, spec)] * 2)
    assert scan(listed).pixels.size == 0


def test_the_same_bytes_in_another_shape_are_another_image(tmp_path):
    one, other = scan(files(tmp_path, np.zeros((4, 9, 3)), np.zeros((6, 6, 3)))).images
    assert one.digest != other.digest


def test_unreadable_files_stop_nothing_and_the_order_stays(tmp_path):
    listed = files(tmp_path, *(face(seed) for seed in range(6)))
    listed[1].path.write_bytes(b"")
    listed[4].path.unlink()
    steps = []
    scanned = scan(listed, progress=lambda: steps.append(1))
    assert [image.file for image in scanned.images] == [listed[i] for i in (0, 2, 3, 5)]
    assert scanned.unreadable == [(listed[1], "empty file"), (listed[4], "no such file")]
    assert len(steps) == 6


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda image: image.copy(), id="copied"),
        pytest.param(jpeg, id="saved as JPEG"),
        pytest.param(lambda image: (image * 0.7).astype(np.uint8), id="darkened"),
        pytest.param(lambda image: (image * 0.7 + 50).astype(np.uint8), id="paler"),
        pytest.param(lambda image: cv2.resize(image, (300, 300)), id="enlarged"),
        pytest.param(lambda image: image[:, ::-1], id="mirrored"),
        pytest.param(lambda image: jpeg(image[:, ::-1]), id="mirrored and saved as JPEG"),
    ],
)
def test_a_changed_copy_looks_alike_and_another_face_does_not(tmp_path, change):
    assert groups(tmp_path, face(1), face(2), change(face(1))) == [0, 1, 0]


def test_likeness_is_passed_on_through_a_sequence(tmp_path):
    start, end = face(1).astype(float), face(2).astype(float)
    frames = [(start + (end - start) * t).astype(np.uint8) for t in np.linspace(0, 1, 41)]
    assert set(groups(tmp_path, *frames)) == {0}
    assert groups(tmp_path, frames[0], frames[-1]) == [0, 1]


def test_two_sequences_are_one_group_as_soon_as_a_frame_ties_them(tmp_path):
    a, b, c = (face(seed).astype(float) for seed in (1, 2, 3))
    there = [(a + (b - a) * t).astype(np.uint8) for t in np.linspace(0, 1, 41)]
    back = [(b + (c - b) * t).astype(np.uint8) for t in np.linspace(0, 1, 41)]
    assert groups(tmp_path, *there, face(4), *back[2:]) == [0] * 41 + [1] + [0] * 39
    assert set(groups(tmp_path, *there[:30], *back[10:])) == {0, 1}


def test_a_group_keeps_to_one_label(tmp_path):
    listed = files(tmp_path, face()) + files(tmp_path, face(), jpeg(face()), label="sad")
    assert compared(group_lookalikes, listed).tolist() == [0, 1, 1]


def test_no_pair_is_lost_between_blocks_of_comparison(tmp_path):
    rng = np.random.default_rng(0)
    originals = [rng.integers(0, 256, (8, 8, 3), np.uint8) for _ in range(BLOCK)]
    images = [cv2.resize(o, (32, 32), interpolation=cv2.INTER_NEAREST) for o in originals]
    found = groups(tmp_path, *images, *(image[:, ::-1] for image in images))
    assert found == [*range(BLOCK), *range(BLOCK)]


def test_flat_images_are_one_group_whatever_their_noise(tmp_path):
    rng = np.random.default_rng(0)
    flat = [np.full((64, 64, 3), level, np.uint8) for level in (0, 128, 255)]
    noisy = (128 + rng.normal(0, 1, (64, 64, 3))).astype(np.uint8)
    assert groups(tmp_path, *flat, noisy, face()) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_one_image_are_no_special_case(tmp_path, count):
    listed = files(tmp_path, *[face()] * count)
    assert compared(group_lookalikes, listed).tolist() == [0] * count
    assert compared(clashing_pairs, listed) == []


def test_nearly_identical_images_with_different_labels_clash_and_identical_ones_do_not(tmp_path):
    soft = cv2.addWeighted(face(1), 0.97, np.full_like(face(1), 128), 0.03, 0)
    happy = files(tmp_path, face(1), face(2))
    sad = files(tmp_path, soft, face(2), face(3), label="sad")
    assert compared(clashing_pairs, happy + sad) == [(0, 2)]


def test_sketches_are_never_farther_from_each_other_than_thumbnails(tmp_path):
    images = [face(1), jpeg(face(1)), face(1)[:, ::-1], face(2), np.full_like(face(), 9)]
    listed = files(tmp_path, *images)
    with closing(Thumbnails(len(listed))) as thumbnails:
        scan(listed, thumbnails=thumbnails)
        levelled = thumbnails.levelled(np.arange(len(listed)))
        for one in range(len(listed)):
            for other in range(len(listed)):
                mirrored = (levelled[other], levelled[other][:, ::-1])
                rms = min(np.sqrt(np.square(levelled[one] - m).mean()) for m in mirrored)
                apart = thumbnails.sketches[one] - thumbnails.sketches[other]
                assert np.sqrt(np.square(apart).mean()) <= rms + 1e-4


def test_unreadable_files_leave_no_gap_among_the_thumbnails(tmp_path):
    listed = files(tmp_path, *(face(seed) for seed in (1, 2, 3, 2)))
    listed[0].path.write_bytes(b"")
    assert compared(group_lookalikes, listed).tolist() == [0, 1, 0]
