"""What is said of a model whose figures could be those of guessing."""

from edge.model.chance import doubt


def test_an_interval_that_reaches_chance_is_said_with_its_images() -> None:
    figures = {"recall_happy": 0.0, "recall_sad": 1.0, "images": 48}
    assert doubt(figures, {"happy": 24, "sad": 24}) == (
        "on 48 test images it is not clearly better than guessing: 36% to 64% right (95% "
        "interval), by chance 50%"
    )


def test_a_model_that_is_better_than_guessing_is_not_doubted() -> None:
    assert doubt({"recall_happy": 0.96, "recall_sad": 0.83}, {"happy": 24, "sad": 24}) == ""
    assert doubt({"right": 0.95, "unsure": 0.1}, {"happy": 90, "sad": 60, "neutral": 60}) == ""


def test_always_the_commoner_answer_is_guessing() -> None:
    assert "80 test images" in doubt({"recall_happy": 1.0, "recall_sad": 0.0},
                                     {"happy": 72, "sad": 8})  # fmt: skip
    assert "50%" in doubt({"right": 0.5, "unsure": 0.0}, {"happy": 50, "sad": 25, "neutral": 25})


def test_a_model_that_answers_none_or_few_is_said_to() -> None:
    counts = {"happy": 6, "sad": 6, "neutral": 6}
    none = "it answered none of 18 test images: all are unsure"
    assert doubt({"right": None, "unsure": 1.0}, counts) == none
    assert doubt({"unsure": 1.0}, counts) == none  # as a model file leaves out what is not known
    two = {"recall_happy": 1.0, "recall_sad": 1.0, "unsure": 1.0}  # of the likelier answer
    assert "none of 12 test images" in doubt(two, counts)
    few = doubt({"right": 1.0, "unsure": 17 / 18}, counts)
    assert few.startswith("on 18 test images, 1 of them answered, it is not clearly better")


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert doubt({}, {"happy": 4, "sad": 4}) == doubt({"recall_sad": 1.0}, {"sad": 4}) == ""
    assert doubt({"recall_happy": 7.0, "recall_sad": 7.0}, {"happy": 4, "sad": 4}) == ""
