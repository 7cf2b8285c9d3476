"""A model with three answers, made by the real exporter: bright is happy, dark sad, gray neutral.

It judges the mean brightness of a picture; what lies between dark and gray is another expression.
"""

from pathlib import Path

import numpy as np

from data import load_dataset, write_listing
from data.labels import LABELS
from edge.images.preprocess import InputSpec
from edge.machine.opencv import cv2

SPEC = InputSpec(48, 48, 1)
BRIGHTNESS = {"happy": 230, "sad": 25, "neutral": 150, "angry": 85}
THRESHOLDS = {"happy": 0.5, "sad": 0.4, "neutral": 0.5}
STEEPNESS = 40.0  # of the logits: minus this times the squared distance of the brightness, 0..1


def picture(label: str, seed: int = 0, size: int = 48) -> np.ndarray:
    """A picture that the model answers so: uint8 (size, size, 3), BGR; "angry" is "unsure"."""
    noise = np.random.default_rng([seed, *label.encode()]).normal(0, 6, (size, size, 1))
    return np.clip(BRIGHTNESS[label] + noise, 0, 255).astype(np.uint8).repeat(3, axis=2)


def export_three_answers(home: Path) -> Path:
    """Makes images and a run in a new folder, exports it, and returns the model file."""
    import keras
    from keras import layers

    from export.exporter import export_run
    from train.run_folder import describe_run, write_json
    from train.settings import Settings

    images, run = home / "images", home / "runs" / "three"
    for label in BRIGHTNESS:
        (images / label).mkdir(parents=True)
        for number in range(40):
            cv2.imwrite(str(images / label / f"{number}.png"), picture(label, number))
    image = keras.Input((48, 48, 1))
    # The converter folds the scaling into a convolution, as it does in the networks that we train.
    brightness = layers.Conv2D(1, 1, activation="relu", kernel_initializer="ones", use_bias=False)(
        layers.Rescaling(1 / 255)(image)
    )
    mean = layers.GlobalAveragePooling2D()(brightness)
    logits = layers.Dense(4, name="logits")(mean)
    model = keras.Model(image, logits)
    # -k (x - c)^2 is linear in x but for a term that all four share.
    centres = np.array([BRIGHTNESS[name] for name in (*THRESHOLDS, "angry")]) / 255
    weights = [2 * STEEPNESS * centres[np.newaxis], -STEEPNESS * centres**2]
    model.get_layer("logits").set_weights(weights)
    dataset = load_dataset(images, SPEC, labels=LABELS)
    settings = Settings(data=str(images), model="compact")
    run.mkdir(parents=True)
    model.save(run / "model.keras")
    write_listing(run / "images.csv", dataset)
    write_json(run / "config.json", describe_run(settings, dataset))
    write_json(run / "metrics.json", {"thresholds": THRESHOLDS, "data": dataset.summary()})
    export_run(run, "int8")
    return run / "model.tflite"
