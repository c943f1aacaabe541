#!/usr/bin/env python3
"""A provider of OpenID Connect (oidc-provider-mock, on Authlib) for a test. It ends when its input is closed.

Beyond the package it holds clients to PKCE, by Authlib's own digest (RFC 7636), names its key in tokens, changes that key
when it is told to, and tells how often it was asked for what. Prints its port.
"""
import os
import sys
import threading
import warnings

warnings.filterwarnings("ignore")
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import flask  # noqa: E402
import oidc_provider_mock  # noqa: E402
import werkzeug.serving  # noqa: E402
from authlib import jose  # noqa: E402
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: E402
from oidc_provider_mock import _app  # noqa: E402
from urllib.parse import parse_qs, urlparse  # noqa: E402

challenges, asked = {}, {}


def header(self, client):
    return {"typ": "JWT", "alg": "RS256", "kid": _app.storage.jwk.thumbprint()}


_app.OpenIDCode.get_encode_header = header
app = oidc_provider_mock.app(require_client_registration=True, require_nonce=True)


@app.before_request
def count():
    asked[flask.request.path] = asked.get(flask.request.path, 0) + 1


@app.before_request
def verify():
    """The code belongs to whoever knows what its challenge was made of."""
    if flask.request.path == "/oauth2/token":
        challenge = challenges.pop(flask.request.form.get("code", ""), None)
        verifier = flask.request.form.get("code_verifier", "")
        if challenge is None or create_s256_code_challenge(verifier) != challenge:
            return flask.jsonify({"error": "invalid_grant", "error_description": "PKCE"}), 400
    return None


@app.after_request
def remember(response):
    """The challenge of each code that is given."""
    code = parse_qs(urlparse(response.headers.get("Location", "")).query).get("code")
    if flask.request.path == "/oauth2/authorize" and code:
        assert flask.request.args["code_challenge_method"] == "S256"
        challenges[code[0]] = flask.request.args["code_challenge"]
    return response


@app.post("/test/rotate")
def rotate():
    _app.storage.jwk = jose.RSAKey.generate_key(is_private=True)
    return "", 204


@app.get("/test/asked")
def tell():
    return flask.jsonify(asked)


server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
