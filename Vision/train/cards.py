"""What every training writes: a model card as `docs/model-card.md` describes it, and how long the training took."""
import hashlib
import json
import resource
import time


def clock():
    """Seconds that passed, and seconds that this process computed: on a shared machine only the second says much."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"wallSeconds": time.monotonic(), "cpuSeconds": used.ru_utime + used.ru_stime}


def since(start):
    return {key: value - start[key] for key, value in clock().items()}


def rounded(value):
    """To six places, whatever it is inside of."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: rounded(element) for key, element in value.items()}
    return [rounded(element) for element in value] if isinstance(value, (list, tuple)) else value


def write_card(file, name, **fields):
    """Writes the card of the ONNX file `file` beside it. The digest's first digits are the version."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    fields = {"schema": "andon.model-card/1", "name": name, "version": digest[:12], "file": file.name,
              "sha256": digest, **fields}
    file.with_suffix(".card.yaml").write_text("\n".join(lines(fields)) + "\n")


def lines(fields, indent=""):
    """Sections as YAML, everything else as JSON, which YAML reads too."""
    for key, value in fields.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from lines(value, indent + "  ")
        else:
            yield f"{indent}{key}: {json.dumps(value)}"
