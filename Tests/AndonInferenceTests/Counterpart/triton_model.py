"""An ONNX file behind Triton's Python backend: the network, the queue and the batches are Triton's, the numbers ONNX Runtime's.

The first line of its copy in a model repository, which triton_server.py writes, says where the packages lie.
"""
import json
import pathlib

import numpy as np
import onnxruntime
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, args):
        file = pathlib.Path(args["model_repository"]) / args["model_version"] / "model.onnx"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self.inputs = [value.name for value in self.session.get_inputs()]
        self.outputs = [output["name"] for output in json.loads(args["model_config"])["output"]]

    def execute(self, requests):
        parts = [
            [triton.get_input_tensor_by_name(request, name).as_numpy() for request in requests] for name in self.inputs
        ]
        joined = {name: np.concatenate(part) for name, part in zip(self.inputs, parts)}
        ends = np.cumsum([len(part) for part in parts[0]])[:-1]
        answers = [np.split(answer, ends) for answer in self.session.run(self.outputs, joined)]
        return [
            triton.InferenceResponse([triton.Tensor(n, answer[i]) for n, answer in zip(self.outputs, answers)])
            for i in range(len(requests))
        ]
