"""For scripts/schemathesis: two of three requests ask for things that are there, so that not every answer is a 404."""
import json
import os
import zlib

import schemathesis

FOUND = json.loads(os.environ["ANDON_KNOWN"])
# The longest start of a path that fits says what its parameters stand for.
NAMES = {
    "/orders/": {"reference": FOUND["orders"]},
    "/desk/": {"reference": FOUND["orders"]},
    "/api/v1/orders/": {"reference": FOUND["orders"]},
    "/api/v1/inspections/": {"id": FOUND["inspections"]},
    "/api/v1/detections/": {"id": FOUND["detections"]},
    "/pictures/": {"digest": FOUND["digests"]},
    "/api/v1/charts/": {"chart": FOUND["charts"]},
    "/charts/": {"chart": FOUND["charts"], "point": ["1", "2"], "cause": ["1"]},
    "/connectors/": {"name": ["desk"]},
    "/api/v1/connectors/": {"name": ["desk"]},
    "/rules/": {"version": ["1"], "id": ["1", "2", "3"]},
    "/api/v1/rules/": {"version": ["1"], "id": ["1", "2", "3"]},
    "/api/v1/lots/": {"lot": ["LOT-1"]},
    "/api/v1/learn/": {"question": ["recurrence", "actions", "times", "advice", "cost", "feedback"]},
    "/learn/": {"question": ["recurrence", "actions", "times", "advice", "cost", "feedback"]},
    "/map/": {"plan": ["hall"]},
    "/api/v1/map/": {"plan": ["hall"]},
    "/audit/": {"index": ["0", "1", "5"], "id": ["1"]},
    "/api/v1/ledger/": {"index": ["0", "1", "5"]},
    "/api/v1/holds/": {"id": ["1", "2"]},
    "/accounts/": {"number": ["1", "2"]},
    "/api/v1/accounts/": {"number": ["1", "2"]},
    "/api/v1/keys/": {"number": ["1", "2"]},
    "/assets/": {"name": ["style.css", "icon.svg"]},
    "/api/v1/schemas/": {"file": ["inspection.json", "problem.json"]},
}


@schemathesis.hook
def before_call(context, case, kwargs):
    path, parameters = case.operation.path, case.path_parameters
    start = max((start for start in NAMES if path.startswith(start)), key=len, default=None)
    if not parameters or start is None:
        return
    draw = zlib.crc32(repr((parameters, case.query, case.body)).encode("utf-8", "replace"))
    if draw % 3 == 0:
        return
    for name, values in NAMES[start].items():
        if name in parameters and values:
            parameters[name] = values[draw // 3 % len(values)]
