"""LeNet-5 as in examples/lenet5.ts, in Keras on TensorFlow, trained by `fit`."""
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
from keras import layers

from lines import answer_lines, digits

images, labels = digits()
images = images[..., None]


def train(epochs, batch_size):
    keras.utils.set_random_seed(42)
    model = keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(6, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(120, 5, activation="tanh"),
            layers.Flatten(),
            layers.Dense(84, activation="tanh"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.001), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(images, labels, batch_size=batch_size, epochs=epochs, verbose=0)
    return history.history["loss"]


answer_lines(train)
