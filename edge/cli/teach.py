"""The command `teach`: somebody's own pictures, and whether the model is better for them."""

from pathlib import Path
from typing import Annotated

import typer

from ..faces.files import Crop
from ..machine.quiet import claim_stderr
from ..model.choice import announced
from .exits import tell
from .options import ModelOption

SHOWN = 20  # of the pictures that are still wrong


def teach(
    folder: Annotated[
        Path, typer.Argument(help="That holds the folders happy, sad and, best, neutral.")
    ],
    model: ModelOption = None,
    crop: Annotated[
        Crop | None,
        typer.Option(
            help="The largest face in each picture, or the whole picture.",
            show_default="the model's",
        ),
    ] = None,
    only_try: Annotated[
        bool, typer.Option("--try", help="Say whether it would be better; change nothing.")
    ] = False,
) -> None:
    """Teaches a model the faces of some pictures, on this device, if that makes it better.

    Only the last layer learns. Three candidates compete on pictures that they were not fitted to:
    the model as it is, its outputs stretched and shifted, and the whole layer. The model stays as
    it is unless another is better by more than chance; then a copy is installed and taken into use
    from the next start on. Each label needs ten pictures at least, of five different moments; 20 to
    50 are a good start.
    """
    from ..classifier import Classifier
    from ..face_classifier import FaceClassifier
    from ..faces.detector import FaceDetector
    from ..model.file import check_model, read_model
    from ..model.inventory import from_when_on, name_in_use
    from ..model.signature import check_unsigned
    from ..model.store import stores
    from ..self_test import self_test
    from ..teach.examples import read_examples, unseen
    from ..teach.report import again_sentence, edges_sentence, unseen_sentence
    from ..teach.taught import was_taught
    from ..teach.teaching import teach as teach_model

    claim_stderr()
    store, before = stores()[0], name_in_use()
    if not only_try:
        check_unsigned(store.signers)
    path = announced(model)[0]
    content, _ = read_model(path)
    classifier = Classifier(path, content=content)
    is_face = (crop or classifier.contract.crop) == "face"
    finder = FaceClassifier(classifier, FaceDetector("auto")) if is_face else None
    examples = read_examples(folder, classifier, finder)
    lesson = teach_model(content, classifier, examples)
    answers = classifier.contract.decision.answers
    counts = ", ".join(f"{count} {name}" for name, (count, _) in examples.counts(answers).items())
    reasons = [(why.replace("_", " "), n) for why, n in sorted(examples.left_out.items())]
    left_out = "".join(f", {n} left out ({why})" for why, n in reasons)
    tell(f"{counts}, in {examples.groups.max() + 1} groups of look-alikes and moments{left_out}")
    if weakness := again_sentence(was_taught(classifier)):
        tell(weakness)
    for name, score in lesson.verdict.scores.items():
        print(f"{name:8}  {score.right:6.1%} right ({score.low:.1%} to {score.high:.1%})")
    after = lesson.verdict.after
    if lesson.content is None:
        tell(f"no better by more than chance: {classifier.contract.name} stays as it is")
    elif only_try:
        tell(f"better by {100 * after.gain:.1f} points; nothing is changed")
    else:
        self_test(lesson.content, "the taught model")
        name = store.install(lesson.content, check_model(lesson.content, "the taught model").name)
        print(name)
        back = f"; back: 'happysad model use {before}'" if before != name else ""
        tell(
            f"better by {100 * after.gain:.1f} points: installed in {store.folder}, "
            f"{from_when_on(name)}{back}"
        )
    if lesson.content is not None and (doubt := unseen_sentence(unseen(examples, answers))):
        tell(doubt)
    tell(edges_sentence(lesson.verdict.edges))
    for number, said in list(zip(after.wrong, after.said, strict=True))[:SHOWN]:
        tell(f"still wrong: {examples.paths[number]} (answered: {said})")
    if len(after.wrong) > SHOWN:
        tell(f"still wrong: {len(after.wrong) - SHOWN} others")
