"""Answers of Roboflow Inference in its own words, made by its own classes; writes roboflow.json beside this file.

Needs the wheel of `inference` 1.5.2 unpacked in the folder that is given (its dependencies are not needed), and from PyPI
pydantic, numpy, supervision and opencv-python-headless:

    pip download --no-deps inference==1.5.2 && unzip inference-*.whl -d inference
    python3 roboflow.py inference
"""

import importlib.util
import json
import pathlib
import sys
import types

root = pathlib.Path(sys.argv[1])
# The package's own beginning loads the whole server.
for name in ["inference", "inference.core", "inference.core.entities", "inference.core.entities.responses",
             "inference.core.workflows", "inference.core.workflows.core_steps",
             "inference.core.workflows.core_steps.common", "inference.core.workflows.execution_engine",
             "inference.core.workflows.execution_engine.entities"]:
    module = types.ModuleType(name)
    module.__path__ = [str(root / name.replace(".", "/"))]
    sys.modules[name] = module
import logging  # noqa: E402
sys.modules["inference.core"].logger = logging.getLogger("inference")

import numpy as np  # noqa: E402
import supervision as sv  # noqa: E402


def load(name):
    spec = importlib.util.spec_from_file_location(name, root / (name.replace(".", "/") + ".py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


responses = load("inference.core.entities.responses.inference")
size = responses.InferenceResponseImage(width=640, height=480)


def said(answer):
    return json.loads(answer.model_dump_json(by_alias=True, exclude_none=True))


box = dict(x=100.5, y=60.0, width=41.0, height=20.0, confidence=0.91, class_id=0, detection_id="d-1")
samples = {
    "detection": said(responses.ObjectDetectionInferenceResponse(
        inference_id="i-1", time=0.031, image=size,
        predictions=[
            responses.ObjectDetectionPrediction(**{"class": "scratch"}, tracker_id=7, **box),
            responses.ObjectDetectionPrediction(
                **{"class": "dent"}, x=2.0, y=470.0, width=10.0, height=30.0, confidence=0.5, class_id=1,
                detection_id="d-2")])),
    "nothing": said(responses.ObjectDetectionInferenceResponse(inference_id="i-0", image=size, predictions=[])),
    "segmentation": said(responses.InstanceSegmentationInferenceResponse(
        inference_id="i-2", image=size,
        predictions=[responses.InstanceSegmentationPrediction(
            **{"class": "scratch"}, points=[responses.Point(x=80, y=50), responses.Point(x=121, y=50),
                                            responses.Point(x=121, y=70)], **box)])),
    "classification": said(responses.ClassificationInferenceResponse(
        inference_id="i-3", image=size, top="scratch", confidence=0.8,
        predictions=[responses.ClassificationPrediction(**{"class": "scratch"}, class_id=0, confidence=0.8),
                     responses.ClassificationPrediction(**{"class": "good"}, class_id=1, confidence=0.2)])),
    "labels": said(responses.MultiLabelClassificationInferenceResponse(
        inference_id="i-4", image=size, predicted_classes=["scratch", "stain"],
        predictions={"scratch": responses.MultiLabelClassificationPrediction(class_id=0, confidence=0.9),
                     "stain": responses.MultiLabelClassificationPrediction(class_id=1, confidence=0.7),
                     "dent": responses.MultiLabelClassificationPrediction(class_id=2, confidence=0.1)})),
}
# What a serialiser only names, and never calls here, would load a deep-learning framework.
base = types.ModuleType("inference.core.workflows.execution_engine.entities.base")
for name in ["ActionRecognitionPrediction", "ParentOrigin", "VideoMetadata", "WorkflowImageData"]:
    setattr(base, name, type(name, (), {}))
sys.modules[base.__name__] = base
serializers = load("inference.core.workflows.core_steps.common.serializers")
found = sv.Detections(
    xyxy=np.array([[80.0, 50.0, 121.0, 70.0]]), confidence=np.array([0.91]), class_id=np.array([0]),
    data={"class_name": np.array(["scratch"]), "detection_id": np.array(["d-1"]), "parent_id": np.array(["image"]),
          "image_dimensions": np.array([[480, 640]])})
samples["workflow"] = {"outputs": [{"predictions": serializers.serialise_sv_detections(found), "count": 1}]}
pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).with_suffix(".json")).write_text(
    json.dumps(samples, indent=1, sort_keys=True) + "\n")
