"""A server of the Open Inference Protocol: ONNX Runtime's own Python binding behind HTTP with binary tensors, and behind
gRPC with the messages that NVIDIA publishes (tritonclient). It ends when its input is closed.

Arguments: port of HTTP, port of gRPC (0 for any), and for TLS the files of certificate and key. Says "ready HTTP GRPC" when it listens.

A model's name may have a manner behind "~": late (answers after 10 s), once (fails the first time as one that is not there),
invalid (refuses), contents (gRPC: typed contents in place of raw ones), json (HTTP: every other output as JSON).
"""
import json
import pathlib
import ssl
import sys
import threading
import time
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import numpy as np
import onnxruntime
from tritonclient.grpc import service_pb2 as pb
from tritonclient.grpc import service_pb2_grpc as rpc

here = pathlib.Path(__file__).parent
sessions = {p.stem: onnxruntime.InferenceSession(str(p), providers=["CPUExecutionProvider"]) for p in here.glob("*.onnx")}
KINDS = {
    "tensor(float)": ("FP32", "<f4"), "tensor(float16)": ("FP16", "<f2"), "tensor(double)": ("FP64", "<f8"),
    "tensor(int64)": ("INT64", "<i8"), "tensor(int32)": ("INT32", "<i4"), "tensor(uint8)": ("UINT8", "u1"),
    "tensor(bool)": ("BOOL", "?"), "tensor(string)": ("BYTES", "O"),
}
failed_once = set()


class Refused(Exception):
    pass


class Gone(Exception):
    pass


def ports(values):
    def sizes(value):
        return [s if isinstance(s, int) else -1 for s in value.shape]

    return [{"name": v.name, "datatype": KINDS[v.type][0], "shape": sizes(v)} for v in values]


def session(name):
    model, _, manner = name.partition("~")
    if model not in sessions:
        raise Refused(f"Request for unknown model: '{name}' is not found")
    return sessions[model], manner


def run(name, inputs, outputs):
    found, manner = session(name)
    if manner == "late":
        time.sleep(10)
    if manner == "invalid":
        raise Refused("unexpected shape for input 'image' for model 'überall'")
    if manner == "once" and name not in failed_once:
        failed_once.add(name)
        raise Gone("the server is starting")
    for value in found.get_inputs():
        if value.name not in inputs:
            raise Refused(f"no input '{value.name}'")
    arrays = found.run(outputs, inputs)
    kinds = {v.name: KINDS[v.type] for v in found.get_outputs()}
    return [(n, kinds[n][0], np.ascontiguousarray(a)) for n, a in zip(outputs, arrays)], manner


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, status, value):
        self.send(status, json.dumps(value).encode(), Content_Type="application/json")

    def answer(self, body):
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[0] == "own":
            return self.send_json(200, own(parts[1], int(parts[2])))
        if parts == ["v2"]:
            return self.send_json(200, {"name": "counterpart", "version": onnxruntime.__version__, "extensions": ["binary_tensor_data"]})
        found, _ = session(parts[2].replace("%7E", "~"))
        if parts[-1] == "ready":
            return self.send(200, b"", Content_Type="text/plain")
        if parts[-1] == "infer":
            return self.infer(parts[2].replace("%7E", "~"), body)
        self.send_json(200, {"name": parts[2], "versions": ["1"], "inputs": ports(found.get_inputs()), "outputs": ports(found.get_outputs())})

    def infer(self, name, body):
        length = int(self.headers["Inference-Header-Content-Length"])
        head, raw = json.loads(body[:length]), body[length:]
        inputs = {}
        for tensor in head["inputs"]:
            size = tensor["parameters"]["binary_data_size"]
            if size > len(raw) or size != 4 * int(np.prod(tensor["shape"])):
                raise Refused(f"unexpected size for input '{tensor['name']}', expecting {size} additional bytes")
            inputs[tensor["name"]] = np.frombuffer(raw[:size], "<f4").reshape(tensor["shape"])
            raw = raw[size:]
        if raw:
            raise Refused(f"unexpected additional input data: {len(raw)} bytes")
        if not all(output["parameters"]["binary_data"] for output in head["outputs"]):
            raise Refused("JSON was asked for")
        results, manner = run(name, inputs, [output["name"] for output in head["outputs"]])
        listed, data = [], b""
        for index, (output, datatype, array) in enumerate(results):
            entry = {"name": output, "datatype": datatype, "shape": list(array.shape)}
            if manner == "json" and index % 2 == 0:
                entry["data"] = array.tolist()
            else:
                data += array.tobytes()
                entry["parameters"] = {"binary_data_size": array.nbytes}
            listed.append(entry)
        head = json.dumps({"model_name": name, "model_version": "1", "outputs": listed}).encode()
        self.send(200, head + data, Content_Type="application/octet-stream", Inference_Header_Content_Length=len(head))

    def do_GET(self):
        self.guarded(b"")

    def do_POST(self):
        self.guarded(self.rfile.read(int(self.headers["Content-Length"])))

    def guarded(self, body):
        try:
            self.answer(body)
        except Gone as error:
            self.send_json(503, {"error": str(error)})
        except Refused as error:
            self.send_json(404 if "unknown" in str(error) else 400, {"error": str(error)})


def own(name, rows):
    """Python's own results for the input that both sides make by the same rule."""
    found = sessions[name]
    inputs = {}
    for value in found.get_inputs():
        shape = [s if isinstance(s, int) else rows for s in value.shape]
        inputs[value.name] = ((np.arange(np.prod(shape)) * 37 % 101).astype(np.float32) / 101).reshape(shape)
    numeric = [v.name for v in found.get_outputs() if v.type != "tensor(string)"]
    return {n: np.asarray(a, np.float64).ravel().tolist() for n, a in zip(numeric, found.run(numeric, inputs))}


class Service(rpc.GRPCInferenceServiceServicer):
    def guarded(self, context, body):
        try:
            return body()
        except Gone as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        except Refused as error:
            code = grpc.StatusCode.NOT_FOUND if "unknown" in str(error) else grpc.StatusCode.INVALID_ARGUMENT
            context.abort(code, str(error))

    def ModelReady(self, request, context):
        self.guarded(context, lambda: session(request.name))
        return pb.ModelReadyResponse(ready=True)

    def ServerMetadata(self, request, context):
        return pb.ServerMetadataResponse(name="counterpart", version=onnxruntime.__version__)

    def ModelMetadata(self, request, context):
        found, _ = self.guarded(context, lambda: session(request.name))
        answer = pb.ModelMetadataResponse(name=request.name, versions=["1"], platform="onnxruntime")
        answer.inputs.extend(pb.ModelMetadataResponse.TensorMetadata(**p) for p in ports(found.get_inputs()))
        answer.outputs.extend(pb.ModelMetadataResponse.TensorMetadata(**p) for p in ports(found.get_outputs()))
        return answer

    def ModelInfer(self, request, context):
        return self.guarded(context, lambda: self.infer(request))

    def infer(self, request):
        if len(request.inputs) != len(request.raw_input_contents):
            raise Refused("as many raw contents as inputs")
        inputs = {}
        for tensor, raw in zip(request.inputs, request.raw_input_contents):
            if tensor.datatype != "FP32" or len(raw) != 4 * int(np.prod(tensor.shape)):
                raise Refused(f"unexpected size for input '{tensor.name}'")
            inputs[tensor.name] = np.frombuffer(raw, "<f4").reshape(tensor.shape)
        results, manner = run(request.model_name, inputs, [output.name for output in request.outputs])
        answer = pb.ModelInferResponse(model_name=request.model_name, model_version="1")
        for name, datatype, array in results:
            tensor = answer.outputs.add(name=name, datatype=datatype, shape=array.shape)
            if manner != "contents":
                answer.raw_output_contents.append(array.tobytes())
            else:
                field = {"FP32": "fp32", "FP64": "fp64", "INT64": "int64", "INT32": "int", "UINT8": "uint", "BOOL": "bool"}
                getattr(tensor.contents, field[datatype] + "_contents").extend(array.ravel().tolist())
        return answer


http = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
http.daemon_threads = True
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    http.socket = context.wrap_socket(http.socket, server_side=True)
threading.Thread(target=http.serve_forever, daemon=True).start()
size = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20), ("grpc.so_reuseport", 0)]
server = grpc.server(futures.ThreadPoolExecutor(16), options=size)
rpc.add_GRPCInferenceServiceServicer_to_server(Service(), server)
if len(sys.argv) > 3:
    pair = (pathlib.Path(sys.argv[4]).read_bytes(), pathlib.Path(sys.argv[3]).read_bytes())
    port = server.add_secure_port(f"127.0.0.1:{sys.argv[2]}", grpc.ssl_server_credentials([pair]))
else:
    port = server.add_insecure_port(f"127.0.0.1:{sys.argv[2]}")
server.start()
print("ready", http.server_address[1], port, flush=True)
sys.stdin.read()
