"""Answers each line of JSON on stdin with one on stdout (bench/peers/process.ts)."""
import gzip
import json
import sys
import time

import numpy


def digits():
    """The digits that come with Layerwise, 0 ... 1, in the middle of 32x32, and their classes."""
    read = lambda name: gzip.open(f"media/mnist/train-{name}-ubyte.gz").read()
    images = numpy.frombuffer(read("images-idx3")[16:], numpy.uint8).reshape(-1, 28, 28)
    labels = numpy.frombuffer(read("labels-idx1")[8:], numpy.uint8)
    padded = numpy.pad(images, ((0, 0), (2, 2), (2, 2))).astype(numpy.float32) / 255
    return padded, labels.astype(numpy.int64)


def answer_lines(train):
    """train(epochs, batch_size) returns the loss of each epoch; it is timed."""
    for line in sys.stdin:
        question = json.loads(line)
        started = time.perf_counter()
        losses = train(question["epochs"], question["batchSize"])
        milliseconds = (time.perf_counter() - started) * 1000
        print(json.dumps({"milliseconds": milliseconds, "losses": losses}), flush=True)
