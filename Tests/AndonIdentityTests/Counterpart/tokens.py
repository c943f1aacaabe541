#!/usr/bin/env python3
"""ID tokens made by joserfc, for the tests of ours.

Usage: tokens.py > tokens.json        (needs `pip install joserfc==1.8.0 cryptography==50.0.2`)

Prints one key set and tokens by each of its keys and each algorithm. The claims are the same, at a fixed time.
"""
import base64
import hashlib
import hmac
import json
import warnings

warnings.filterwarnings("ignore")
from joserfc import jws  # noqa: E402
from joserfc.jwk import ECKey, OKPKey, RSAKey  # noqa: E402

ISSUER, CLIENT, NONCE, NOW = "https://login.plant.example/realms/plant", "andon", "n-0S6_WzA2Mj", 1_760_000_000
ACCESS = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512, "DSA": hashlib.sha512}


def claims(algorithm):
    digest = HASHES[algorithm[-3:]](ACCESS.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    return {
        "iss": ISSUER, "sub": "248289761001", "aud": [CLIENT], "exp": NOW + 300, "iat": NOW, "nonce": NONCE,
        "at_hash": half, "name": "K. Sömmer", "preferred_username": "k.sommer", "email": "k.sommer@plant.example",
        "roles": ["plant-quality", "offline_access"], "realm_access": {"roles": ["line-2-planners"]},
    }


def sign(key, algorithm, content=None, **header):
    body = json.dumps(content if content is not None else claims(algorithm), ensure_ascii=False).encode()
    registry = jws.JWSRegistry(algorithms=[algorithm])
    return jws.serialize_compact({"alg": algorithm, "typ": "JWT", **header}, body, key, registry=registry)


def keyed(secret):
    """What a library makes that takes any key for any algorithm; joserfc itself refuses to."""
    parts = [json.dumps({"alg": "HS256", "typ": "JWT", "kid": "rsa"}).encode(), json.dumps(claims("HS256")).encode()]
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    seal = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(seal).rstrip(b"=").decode()


def main():
    keys = [
        (RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}, auto_kid=False),
         ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
        (RSAKey.generate_key(3072, {"kid": "rsa-3072", "use": "sig", "alg": "RS256"}, auto_kid=False), ["RS256"]),
        (ECKey.generate_key("P-256", {"kid": "p256"}, auto_kid=False), ["ES256"]),
        (ECKey.generate_key("P-384", {"kid": "p384"}, auto_kid=False), ["ES384"]),
        (ECKey.generate_key("P-521", {"kid": "p521"}, auto_kid=False), ["ES512"]),
        (OKPKey.generate_key("Ed25519", {"kid": "ed25519"}, auto_kid=False), ["EdDSA"]),
    ]
    tokens = [{"alg": algorithm, "kid": key.kid, "token": sign(key, algorithm, kid=key.kid)}
              for key, algorithms in keys for algorithm in algorithms]
    rsa = keys[0][0]
    refused = {
        "HS256 with the public key as its secret": keyed(rsa.as_pem(private=False)),
        "another key under the same name": sign(RSAKey.generate_key(2048), "RS256", kid="rsa"),
        "a key that nobody has": sign(rsa, "RS256", kid="gone"),
        "a key that is for another algorithm":
            sign(RSAKey.import_key(keys[1][0].as_pem(private=True)), "PS256", kid="rsa-3072"),
    }
    others = [RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"}, auto_kid=False),
              ECKey.generate_key("secp256k1", {"kid": "k1"}, auto_kid=False),
              OKPKey.generate_key("X25519", {"kid": "x"}, auto_kid=False)]
    jwks = {"keys": [key.as_dict(private=False) for key in [pair[0] for pair in keys] + others]}
    # A modulus of 1024 bits, and no key at all.
    jwks["keys"].append({"kty": "RSA", "kid": "weak", "e": "AQAB", "n": "u" + "A" * 170})
    jwks["keys"].append({"kty": "oct", "kid": "secret", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"})
    print(json.dumps({"issuer": ISSUER, "clientID": CLIENT, "nonce": NONCE, "accessToken": ACCESS, "now": NOW,
                      "jwks": jwks, "tokens": tokens, "refused": refused}, indent=1, ensure_ascii=False))


main()
