"""ONNX files: writing one that every engine reads alike, and running it."""
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

OPSET = 17
BATCH = 32


class Probability(nn.Module):
    """A network of logits with its sigmoid, so that every caller agrees."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return torch.sigmoid(self.network(image))


def export(network, side, output, path):
    """Writes `network` of logits as probabilities: "image", grey 0...1 [-1, 1, side, side], to `output`."""
    with warnings.catch_warnings():
        # It warns of what it does not fold, which `simplify` does, and that another exporter is the default now.
        warnings.filterwarnings("ignore", message="Constant folding|You are using the legacy")
        torch.onnx.export(
            Probability(network).eval(), torch.zeros(1, 1, side, side), path, opset_version=OPSET, dynamo=False,
            input_names=["image"], output_names=[output], dynamic_axes={"image": {0: "batch"}, output: {0: "batch"}})
    simplify(path)


def simplify(path):
    """Folds constants and puts each padding into its convolution: of EfficientNet-Lite0 97 plain nodes remain of 476.

    The exporter computes the paddings in the graph, which some engines refuse or run slowly.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    model = onnx.load(path)
    # ONNX Runtime names every set of operators that it knows; the nodes are all of the standard's own.
    kept = [imported for imported in model.opset_import if imported.domain == ""]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def run_file(path, inputs, threads):
    """The file's output in ONNX Runtime, for uint8 [N, 1, H, W]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"image": some.float().numpy() / np.float32(255)})[0]
                           for some in inputs.split(BATCH)])


@torch.no_grad()
def run_torch(function, inputs):
    """`function` of uint8 [N, 1, H, W] as 0...1, batch by batch, in float32."""
    return torch.cat([function(some.float() / 255) for some in inputs.split(BATCH)])
