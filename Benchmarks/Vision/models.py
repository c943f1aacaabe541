"""Makes the two networks that the benchmark runs, with seeded random weights, and a folder of JPEG frames.

The weights decide nothing about speed. `classifier`: 8 inverted-bottleneck stages of depthwise convolutions on 224x224,
3 classes. `detector`: a strided convolution trunk with three heads on 640x640, output [1, 4+6, 8400] (centre form).

    models.py FOLDER
"""
import hashlib
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image


class Net:
    def __init__(self, seed):
        self.random, self.nodes, self.weights = np.random.default_rng(seed), [], []

    def name(self):
        return f"t{len(self.nodes)}"

    def add(self, kind, inputs, **attributes):
        out = self.name()
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))
        return out

    def constant(self, value):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def conv(self, x, cin, cout, kernel, stride=1, groups=1, act=True):
        fan = kernel * kernel * cin // groups
        weight = self.random.normal(0, (2 / fan) ** 0.5, (cout, cin // groups, kernel, kernel)).astype(np.float32)
        x = self.add(
            "Conv", [x, self.constant(weight), self.constant(np.zeros(cout, np.float32))], strides=[stride] * 2,
            pads=[kernel // 2] * 4, group=groups)
        return self.add("HardSwish", [x]) if act else x

    def bottleneck(self, x, cin, cout, stride, expand=4):
        inner = self.conv(x, cin, cin * expand, 1)
        inner = self.conv(inner, cin * expand, cin * expand, 3, stride, groups=cin * expand)
        inner = self.conv(inner, cin * expand, cout, 1, act=False)
        return self.add("Add", [x, inner]) if cin == cout and stride == 1 else inner

    def save(self, path, inputs, outputs):
        graph = helper.make_graph(self.nodes, path.stem, inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString())
        return hashlib.sha256(path.read_bytes()).hexdigest()


def value(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def classifier(path):
    net = Net(1)
    x, width = net.conv("image", 3, 16, 3, 2), 16
    for cout, stride in [(24, 2), (24, 1), (40, 2), (40, 1), (80, 2), (80, 1), (112, 1), (160, 2)]:
        x, width = net.bottleneck(x, width, cout, stride), cout
    x = net.add("GlobalAveragePool", [x])
    x = net.add("Flatten", [x])
    dense = net.random.normal(0, 0.1, (width, 3)).astype(np.float32)
    x = net.add("MatMul", [x, net.constant(dense)])
    net.nodes.append(helper.make_node("Softmax", [x], ["probabilities"], axis=1))
    return net.save(path, [value("image", ["n", 3, 224, 224])], [value("probabilities", ["n", 3])])


def detector(path):
    net = Net(2)
    x, width, heads = net.conv("image", 3, 16, 3, 2), 16, []
    for cout in (32, 64, 128, 256):
        x = net.conv(x, width, cout, 3, 2)
        for _ in range(2):
            x = net.add("Add", [x, net.conv(net.conv(x, cout, cout // 2, 1), cout // 2, cout, 3)])
        width = cout
        if cout >= 64:
            head = net.conv(net.conv(x, cout, 64, 3), 64, 10, 1, act=False)
            heads.append(net.add("Reshape", [head, net.constant(np.array([0, 10, -1], np.int64))]))
    x = net.add("Concat", heads, axis=2)
    # Places inside the picture, and scores below one half: with random weights nothing is found, and no box is compared.
    boxes = net.add("Slice", [x] + [net.constant(np.array([n], np.int64)) for n in (0, 4, 1)])
    scores = net.add("Slice", [x] + [net.constant(np.array([n], np.int64)) for n in (4, 10, 1)])
    boxes = net.add("Mul", [net.add("Sigmoid", [boxes]), net.constant(np.float32(600))])
    scores = net.add("Sigmoid", [net.add("Sub", [scores, net.constant(np.float32(3))])])
    net.nodes.append(helper.make_node("Concat", [boxes, scores], ["boxes"], axis=1))
    return net.save(path, [value("image", ["n", 3, 640, 640])], [value("boxes", ["n", 10, 8400])])


def frames(folder, count=40):
    """1920x1080: brushed metal with marks, so that a file has the size that a camera's has."""
    random = np.random.default_rng(3)
    folder.mkdir(exist_ok=True)
    for index in range(count):
        rows = random.normal(150, 14, (1080, 1)) + random.normal(0, 5, (1080, 1920))
        picture = np.repeat(rows[:, :, None], 3, 2) + np.array([0, 3, 6])
        for _ in range(4):
            x, y, w, h = random.integers([0, 0, 20, 4], [1800, 1000, 120, 60])
            picture[y:y + h, x:x + w] -= random.integers(30, 90)
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(folder / f"{index:04}.jpg", quality=88)


CARD = """schema: andon.model-card/1
name: {name}
version: "1"
task: {task}
file: {name}.onnx
sha256: {digest}
opset: 17
licence: Apache-2.0
trainedOn: nothing, the weights are random
commercialUse: true
input: {{ name: image, width: {side}, height: {side}, colour: rgb, resize: {resize} }}
outputs: {outputs}
classes: {classes}
"""


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    digest = classifier(folder / "classifier.onnx")
    (folder / "classifier.card.yaml").write_text(CARD.format(
        name="classifier", task="classification", digest=digest, side=224, resize="stretch",
        outputs="{ probabilities: probabilities }", classes="[good, scratch, dent]") + "goodClass: good\n")
    digest = detector(folder / "detector.onnx")
    (folder / "detector.card.yaml").write_text(CARD.format(
        name="detector", task="detection", digest=digest, side=640, resize="letterbox",
        outputs="{ boxes: boxes, boxForm: centreFirst }", classes="[a, b, c, d, e, f]"))
    frames(folder / "frames")


main(sys.argv[1])
