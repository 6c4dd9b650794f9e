"""Writes the TensorBoard event file that Swift's must equal byte for byte.

The records are made with TensorBoard's own protocol-buffer classes and record writer, then read back with its own
loader, so that the bytes are known to mean what they should.

Made with tensorboard 2.21.0: python3 make_fixtures.py
"""

import json
import os
import tempfile

import tensorboard
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer import record_writer

HERE = os.path.dirname(os.path.abspath(__file__))
START = 1_700_000_000.25

steps = [
    (1, {"loss": 2.3125, "learning_rate": 3e-4}, START + 1),
    (2, {"loss": 1.0e-3, "objective/kl": -0.125, "tokens_per_second": 123456.0}, START + 2.5),
    (300, {"grad_norm": 0.1}, START + 1e6),
]


def write(path, resumed_after):
    with open(path, "wb") as file:
        writer = record_writer.RecordWriter(file)
        writer.write(event_pb2.Event(wall_time=START, file_version="brain.Event:2").SerializeToString())
        if resumed_after is not None:
            log = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
            event = event_pb2.Event(wall_time=START, step=resumed_after + 1, session_log=log)
            writer.write(event.SerializeToString())
        for step, values, time in steps:
            summary = summary_pb2.Summary(
                value=[summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
            )
            writer.write(event_pb2.Event(wall_time=time, step=step, summary=summary).SerializeToString())


def read(path):
    accumulator = event_accumulator.EventAccumulator(path)
    accumulator.Reload()
    return {tag: [[e.step, e.value] for e in accumulator.Scalars(tag)] for tag in accumulator.Tags()["scalars"]}


if __name__ == "__main__":
    for name, resumed_after in [("events.new", None), ("events.resumed", 41)]:
        path = os.path.join(HERE, name)
        write(path, resumed_after)
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "events.out.tfevents.1.x")
            with open(path, "rb") as source, open(copy, "wb") as target:
                target.write(source.read())
            scalars = read(folder)
        assert [s for s, _ in scalars["loss"]] == [1, 2], scalars
        assert scalars["grad_norm"][0][0] == 300, scalars
    with open(os.path.join(HERE, "versions.json"), "w") as file:
        json.dump({"tensorboard": tensorboard.__version__}, file)
        file.write("\n")
