"""Makes the small models of the tests. Run by hand: .venv-vision/bin/python Tests/AndonInferenceTests/Counterpart/make_models.py

classify.onnx  image [N,3,16,16] -> logits [N,4] by convolution, probabilities [N,4], best [N] as INT64
detect.onnx    image [1,1,8,8] -> boxes [1,6,5]: a batch axis that is fixed, numbers of a matrix
kinds.onnx     x [N,4] -> the same numbers as FLOAT16, INT32, INT64, UINT8, BOOL and DOUBLE, and a text
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

here = pathlib.Path(__file__).parent
random = np.random.default_rng(7)


def save(name, nodes, inputs, outputs, weights=()):
    graph = h.make_graph(nodes, name, inputs, outputs, [nh.from_array(v, k) for k, v in weights])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    (here / f"{name}.onnx").write_bytes(model.SerializeToString())


def value(name, kind, *shape):
    return h.make_tensor_value_info(name, kind, list(shape))


def weight(*shape):
    return random.normal(0, 0.3, shape).astype(np.float32)


save(
    "classify",
    [
        h.make_node("Conv", ["image", "w1", "b1"], ["c1"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        h.make_node("Relu", ["c1"], ["r1"]),
        h.make_node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
        h.make_node("Conv", ["p1", "w2", "b2"], ["c2"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        h.make_node("GlobalAveragePool", ["c2"], ["g"]),
        h.make_node("Flatten", ["g"], ["logits"]),
        h.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        h.make_node("ArgMax", ["logits"], ["best"], axis=1, keepdims=0),
    ],
    [value("image", T.FLOAT, "N", 3, 16, 16)],
    [value("logits", T.FLOAT, "N", 4), value("probabilities", T.FLOAT, "N", 4), value("best", T.INT64, "N")],
    [("w1", weight(8, 3, 3, 3)), ("b1", weight(8)), ("w2", weight(4, 8, 3, 3)), ("b2", weight(4))],
)
save(
    "detect",
    [
        h.make_node("Reshape", ["image", "flat"], ["f"]),
        h.make_node("MatMul", ["f", "w"], ["m"]),
        h.make_node("Sigmoid", ["m"], ["s"]),
        h.make_node("Reshape", ["s", "table"], ["boxes"]),
    ],
    [value("image", T.FLOAT, 1, 1, 8, 8)],
    [value("boxes", T.FLOAT, 1, 6, 5)],
    [
        ("w", weight(64, 30)),
        ("flat", np.array([1, 64], np.int64)),
        ("table", np.array([1, 6, 5], np.int64)),
    ],
)
kinds = {"half": T.FLOAT16, "int": T.INT32, "long": T.INT64, "byte": T.UINT8, "flag": T.BOOL, "double": T.DOUBLE}
save(
    "kinds",
    [h.make_node("Cast", ["x"], [name], to=kind) for name, kind in {**kinds, "text": T.STRING}.items()],
    [value("x", T.FLOAT, "N", 4)],
    [value(name, kind, "N", 4) for name, kind in {**kinds, "text": T.STRING}.items()],
)
