"""The network is the specified one, and the callback stops where it should."""

import keras
import numpy as np
import pytest
from keras import layers

from edge.images.preprocess import InputSpec
from train import myCallback
from train.exercise.network import build_model


def test_the_network_is_the_specified_one() -> None:
    model = build_model()
    kinds = [type(layer) for layer in model.layers]
    block = [layers.Conv2D, layers.MaxPooling2D]
    assert kinds == [layers.Rescaling, *block * 3, layers.Flatten, layers.Dense, layers.Dense]
    convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    assert [layer.filters for layer in convolutions] == [16, 32, 64]
    assert {layer.kernel_size for layer in convolutions} == {(3, 3)}
    assert {layer.activation.__name__ for layer in convolutions} == {"relu"}
    assert [layer.units for layer in model.layers[-2:]] == [512, 1]
    assert model.layers[-1].activation.__name__ == "sigmoid"
    assert model.count_params() == 9_494_561


def test_it_is_compiled_as_specified() -> None:
    model = build_model(InputSpec(32, 32, 3))
    assert isinstance(model.optimizer, keras.optimizers.RMSprop)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)
    assert model.loss == "binary_crossentropy"


def test_scaling_is_the_first_layer_so_that_pixels_go_in_as_they_are() -> None:
    model = build_model(InputSpec(32, 32, 3))
    white = np.full((1, 32, 32, 3), 255, np.uint8)
    assert float(keras.ops.max(model.layers[0](white))) == pytest.approx(1.0)


class Figures(keras.callbacks.Callback):
    """Puts figures of our choice in the place of the measured ones, before later callbacks."""

    def __init__(self, accuracies: list[float]) -> None:
        super().__init__()
        self.accuracies = accuracies

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        assert logs is not None
        logs["accuracy"] = self.accuracies[epoch]


@pytest.mark.parametrize(
    ("accuracies", "level", "epochs"),
    [
        ([0.5, 0.9985, 0.999, 1.0], 0.999, 3),  # the level itself is reached
        ([0.5, 0.9, 0.95, 0.99], 0.999, 4),  # never reached: every epoch runs
        ([0.5, 0.9, 0.95, 0.99], 0.9, 2),
    ],
)
def test_the_training_stops_after_the_epoch_that_reaches_the_level(
    accuracies: list[float], level: float, epochs: int
) -> None:
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile(loss="mse")
    stop = myCallback(level)
    history = model.fit(
        np.zeros((2, 1)), np.zeros(2), epochs=4, verbose=0,
        callbacks=[Figures(accuracies), stop],
    )  # fmt: skip
    assert len(history.epoch) == epochs
    assert stop.reached_at == (epochs if max(accuracies) >= level else None)


def test_watching_validation_without_validation_images_is_an_error() -> None:
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(ValueError, match="val_accuracy is not measured here"):
        model.fit(
            np.zeros((2, 1)), np.zeros(2), verbose=0, callbacks=[myCallback(watch="val_accuracy")]
        )


@pytest.mark.parametrize("level", [0, -1, 1.5, 99.9])
def test_a_level_outside_0_to_1_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match=f"received {level}"):
        myCallback(level)
