"""The batches of an `ImageBatches` as TensorFlow makes them itself, without Python between them."""

import tensorflow as tf

from train.exercise.generator import ImageBatches


def batch_stream(batches: ImageBatches) -> tf.data.Dataset:
    """Batches of the same images, gathered by TensorFlow while it computes the last ones.

    Args:
        batches: Not varied: what changes images is Python. Each epoch has its own order if they
            are shuffled, and the same orders for the same seed.
    """
    # Shares the memory of the array, which 100,000 images would otherwise fill twice.
    pixels, labels = tf.convert_to_tensor(batches.pixels), tf.convert_to_tensor(batches.labels)
    order = tf.data.Dataset.range(batches.samples)
    if batches.shuffles:
        order = order.shuffle(batches.samples, seed=batches.seed)
    return (
        order.batch(batches.batch_size)
        .map(lambda chosen: (tf.gather(pixels, chosen), tf.gather(labels, chosen)))
        .prefetch(2)
    )
