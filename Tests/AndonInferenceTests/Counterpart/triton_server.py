"""NVIDIA's Triton Inference Server with the models of a folder, on 127.0.0.1, without a GPU. It ends when this program's
input is closed, and with this program. Says "ready" when all models answer.

    triton_server.py FOLDER HTTP GRPC [MODELS [DELAY]]

FOLDER is empty, HTTP and GRPC are ports, MODELS is the folder with the ONNX files (without it, this one), DELAY is how long a
call waits for others to share its batch, in microseconds.
"""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.request

import onnxruntime

here = pathlib.Path(__file__).parent
packages = pathlib.Path(sysconfig.get_paths()["purelib"])
triton = packages / "pytriton" / "tritonserver"
KINDS = {
    "tensor(float)": "FP32", "tensor(float16)": "FP16", "tensor(double)": "FP64", "tensor(int64)": "INT64",
    "tensor(int32)": "INT32", "tensor(uint8)": "UINT8", "tensor(bool)": "BOOL", "tensor(string)": "STRING",
}


def port(value, is_free):
    dims = [size if isinstance(size, int) else -1 for size in value.shape][1 if is_free else 0:]
    # A row that is one number has no axis of its own in Triton's configuration.
    shape = f"dims: {dims}" if dims else "dims: [1] reshape { shape: [ ] }"
    return f'{{ name: "{value.name}" data_type: TYPE_{KINDS[value.type]} {shape} }}'


def add(file, repository):
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    is_free = not isinstance(session.get_inputs()[0].shape[0], int)
    folder = repository / file.stem / "1"
    folder.mkdir(parents=True)
    shutil.copy(file, folder / "model.onnx")
    own = f"import sys; sys.path.insert(0, {str(packages)!r})\n"
    (folder / "model.py").write_text(own + (here / "triton_model.py").read_text())
    lines = [
        'backend: "python"',
        f"max_batch_size: {8 if is_free else 0}",
        "input [ " + ", ".join(port(value, is_free) for value in session.get_inputs()) + " ]",
        "output [ " + ", ".join(port(value, is_free) for value in session.get_outputs()) + " ]",
        "instance_group [ { kind: KIND_CPU } ]",
    ]
    if is_free:
        lines.append(f"dynamic_batching {{ max_queue_delay_microseconds: {delay} }}")
    (folder.parent / "config.pbtxt").write_text("\n".join(lines) + "\n")


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


folder, http, grpc = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
models = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else here
delay = int(sys.argv[5]) if len(sys.argv) > 5 else 20000
repository = folder / "models"
for file in sorted(models.glob("*.onnx")):
    add(file, repository)
# The wheel has a stub for each version of Python, and the backend looks for its own beside itself.
backend = folder / "backends" / "python"
shutil.copytree(triton / "backends" / "python", backend)
shutil.copy(triton / "python_backend_stubs" / sysconfig.get_python_version() / "triton_python_backend_stub", backend)
log = open(folder / "log", "wb")
server = subprocess.Popen(
    [
        str(triton / "bin" / "tritonserver"), f"--model-repository={repository}", f"--backend-directory={backend.parent}",
        "--model-control-mode=explicit", "--load-model=*", "--http-address=127.0.0.1", "--grpc-address=127.0.0.1",
        f"--http-port={http}", f"--grpc-port={grpc}", "--allow-metrics=false",
    ],
    stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent,
    env={**os.environ, "LD_LIBRARY_PATH": str(packages / "nvidia_pytriton.libs")},
)
while server.poll() is None:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{http}/v2/health/ready", timeout=5).close()
        print("ready", flush=True)
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit((folder / "log").read_text()[-4000:])
sys.stdin.read()
server.kill()
