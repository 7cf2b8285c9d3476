"""The split: by content, stable, never a look-alike on both sides, honest where it cannot be."""

from hashlib import sha256

import numpy as np
import pytest

from data.folder import PARTS, LabelledFile
from data.scan import ScannedImage
from data.split import CONTRADICTORY, HELD_OUT_TOO, split
from data.tones import Tones


def image(content, label="happy", part=None):
    digest = sha256(str(content).encode()).hexdigest()
    file = LabelledFile(f"{part}/{label}/{content}.png", label, part)
    return ScannedImage(file, (32, 32), digest, Tones(False, False))


def each_alone(images):
    return split(images, np.arange(len(images)))


@pytest.mark.parametrize("count", [20, 21, 43, 60, 90, 400])
def test_small_sets_are_divided_to_within_one_group_of_the_wish(count):
    images = [image(i) for i in range(count)]
    images += [image(i, "sad") for i in range(1000, 1000 + count // 2)]
    found = each_alone(images).images
    for label, n in (("happy", count), ("sad", count // 2)):
        for part in ("validation", "test"):
            assert abs(found[part][label] - 0.15 * n) <= 0.5
        assert sum(found[part][label] for part in PARTS) == n


def test_sizes_count_images_where_groups_differ():
    rng = np.random.default_rng(0)
    sizes = rng.permutation([30, 12, 12, *[5] * 8, *[1] * 40])
    groups = np.repeat(np.arange(len(sizes)), sizes)
    for seed in range(10):
        found = split([image(i) for i in range(len(groups))], groups, seed).images
        for part in ("validation", "test"):
            assert abs(found[part]["happy"] - 0.15 * len(groups)) <= 5


def test_a_group_that_is_most_of_a_class_is_trained_on_with_some_of_the_others():
    groups = np.array([0] * 50 + list(range(1, 11)))
    found = split([image(i) for i in range(60)], groups)
    assert set(found.parts[:50]) == {"train"}
    assert found.images["test"]["happy"] == found.images["validation"]["happy"] == 3


def test_a_new_file_moves_three_groups_at_most_and_order_does_not_matter():
    images = [image(i) for i in range(200)]
    before = each_alone(images[:40]).parts
    assert each_alone(images[:40][::-1]).parts == before[::-1]
    for count in range(41, 201):
        parts = each_alone(images[:count]).parts
        moved = sum(a != b for a, b in zip(before, parts[:-1], strict=True))
        assert moved <= 3
        before = parts


def test_another_seed_gives_another_split():
    images = [image(i) for i in range(100)]
    groups = np.arange(100)
    assert split(images, groups, seed=1).parts == split(images, groups, seed=1).parts
    assert split(images, groups, seed=1).parts != split(images, groups, seed=0).parts


def test_a_group_stays_together():
    groups = np.arange(300) // 3
    parts = split([image(i) for i in range(300)], groups).parts
    assert len({(int(g), part) for g, part in zip(groups, parts, strict=True)}) == 100


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("count", "filled"), [(1, {"train"}), (2, {"train", "test"}), (3, set(PARTS)), (5, set(PARTS))]
)
def test_few_groups_fill_train_then_test_then_validation(count, filled, seed):
    images = [image(i) for i in range(count)]
    assert set(split(images, np.arange(count), seed).parts) == filled


def test_a_class_that_is_one_group_is_all_trained_on_and_the_split_says_so():
    images = [image(i) for i in range(9)] + [image(i, "sad") for i in range(10, 100)]
    found = split(images, np.array([0] * 9 + list(range(1, 91))))
    assert found.images["train"]["happy"] == 9
    assert found.notes == ["no happy images in validation or test: the happy images all look alike"]


def test_identical_images_with_different_labels_are_left_out():
    images = [image(i) for i in range(10)] + [image(0, "sad"), image(1, "neutral")]
    images += [image(i, "sad") for i in range(20, 30)]
    found = each_alone(images)
    assert [i for i, part in enumerate(found.parts) if part is None] == [0, 1, 10, 11]
    assert found.left_out == {CONTRADICTORY: 4}
    assert found.notes[0] == "left out: 4 x identical images with different labels"


def three_parts(label):
    return [image((label, part), label, part) for part in PARTS]


def test_parts_that_folders_name_are_kept():
    images = three_parts("happy") + three_parts("sad")
    found = each_alone(images)
    assert found.parts == [*PARTS, *PARTS]
    assert found.notes == []


def test_a_part_without_a_folder_is_taken_out_of_train():
    images = [image(i, part="train") for i in range(100)] + [image(200, part="test")]
    found = each_alone(images)
    assert found.parts[100] == "test"
    assert set(found.parts[:100]) == {"train", "validation"}
    assert found.notes == ["no validation folder: its images are taken out of train"]


def test_an_image_in_two_parts_stays_in_the_one_held_out_longest():
    copies = [image("twin", part=part) for part in PARTS]
    found = each_alone(three_parts("happy") + three_parts("sad") + copies)
    assert found.parts[6:] == [None, None, "test"]
    assert found.left_out == {HELD_OUT_TOO: 2}


def test_look_alikes_across_named_parts_are_counted():
    images = three_parts("happy") + three_parts("sad")
    found = split(images, np.array([0, 0, 1, 2, 3, 2]))
    assert found.parts == [*PARTS, *PARTS]
    assert found.notes == [
        "1 validation image looks like train images: the validation score is flattered",
        "1 test image looks like train images: the test score is flattered",
    ]
    kept = split(images, np.array([0, 0, 1, 2, 3, 2]), fill_parts=False)
    assert kept.parts == ["train", None, "test", "train", "validation", None]
    assert kept.notes == ["left out: 2 x looks like a training image"]
