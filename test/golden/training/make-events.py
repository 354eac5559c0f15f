"""Writes events.tfevents: a session of a run as TensorBoard's own writer and Protocol Buffers encode it.

pip install tensorboard; python make-events.py. test/training/watch/event-file.test.ts writes the same session.
Made with tensorboard 2.21.0 and protobuf 7.36.2.
"""

import os

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def scalars(time, step, values):
    summary = summary_pb2.Summary()
    for tag, value in values:
        summary.value.add(tag=tag, simple_value=value)
    return event_pb2.Event(wall_time=time, step=step, summary=summary)


def text(time, step, tag, value):
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[value.encode()])
    tensor.tensor_shape.SetInParent()
    plugin = summary_pb2.SummaryMetadata.PluginData(plugin_name="text")
    summary = summary_pb2.Summary()
    summary.value.add(tag=tag, tensor=tensor, metadata=summary_pb2.SummaryMetadata(plugin_data=plugin))
    return event_pb2.Event(wall_time=time, step=step, summary=summary)


def step(time, number, loss, rate, norm, speed):
    values = [
        ("training/loss", loss),
        ("training/learning_rate", rate),
        ("training/gradient_norm", norm),
        ("training/tokens_per_second", speed),
    ]
    return scalars(time, number, values)


start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
events = [
    event_pb2.Event(wall_time=1795288000.25, file_version="brain.Event:2"),
    event_pb2.Event(wall_time=1795288000.25, step=201, session_log=start),
    step(1795288001.5, 201, 3.25, 0.0003, 1.0625, 2048.5),
    step(1795288002.75, 202, 0.0, 0.0, 0.1, 123456.789),
    scalars(1795288003.0, 202, [("validation/loss", 3.5), ("validation/bits_per_byte", 1.75)]),
    text(1795288003.5, 202, "sample", "    def f(x):\n        return \u00e9"),
    scalars(1795288004.0, 300_000_000_000, [("validation/loss", 3.4)]),
]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "events.tfevents")
with open(path, "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
