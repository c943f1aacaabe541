"""A counterpart of the security layer on Python's cryptography: reads a JSON list of operations from standard input
(objects of strings; bytes in hexadecimal), and writes the list of their results (strings). Written from OPC 10000-6."""
import datetime
import hashlib
import hmac
import ipaddress
import json
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

KEYS, CERTIFICATES = {}, {}
SHA256 = hashes.SHA256()


def key(name):
    return KEYS[name]


def public(name):
    return KEYS[name].public_key()


def signing(policy):
    if policy.endswith("RsaPss"):
        return padding.PSS(padding.MGF1(SHA256), 32)
    return padding.PKCS1v15()


def oaep(policy):
    digest = hashes.SHA256() if policy.endswith("RsaPss") else hashes.SHA1()
    return padding.OAEP(padding.MGF1(digest), digest, None)


def encrypt(policy, to, data):
    block = to.key_size // 8 - (66 if policy.endswith("RsaPss") else 42)
    return b"".join(to.encrypt(data[i : i + block], oaep(policy)) for i in range(0, len(data), block))


def decrypt(policy, own, data):
    size = own.key_size // 8
    return b"".join(own.decrypt(data[i : i + size], oaep(policy)) for i in range(0, len(data), size))


def p_sha256(secret, seed, count):
    result, link = b"", seed
    while len(result) < count:
        link = hmac.new(secret, link, hashlib.sha256).digest()
        result += hmac.new(secret, link + seed, hashlib.sha256).digest()
    return result[:count]


def sized(header, count):
    return header[:4] + count.to_bytes(4, "little") + header[8:]


def pad(content, block, signature, extra):
    fill = 0
    while (len(content) + 1 + extra + fill + signature) % block:
        fill += 1
    return content + bytes([fill & 255]) * (fill + 1) + (bytes([fill >> 8]) if extra else b"")


def unpad(data, extra):
    fill = data[-2] | data[-1] << 8 if extra else data[-1]
    return data[: len(data) - fill - 1 - extra]


def secure_opn(o):
    own, to, policy = key(o["own"]), public(o["peer"]), o["policy"]
    header, content = bytes.fromhex(o["header"]), bytes.fromhex(o["content"])
    extra, signature = int(to.key_size > 2048), own.key_size // 8
    block = to.key_size // 8 - (66 if policy.endswith("RsaPss") else 42)
    plain = pad(content, block, signature, extra)
    header = sized(header, len(header) + (len(plain) + signature) // block * (to.key_size // 8))
    plain += own.sign(header + plain, signing(policy), SHA256)
    return (header + encrypt(policy, to, plain)).hex()


def open_opn(o):
    own, of, policy = key(o["own"]), public(o["peer"]), o["policy"]
    chunk, length = bytes.fromhex(o["chunk"]), int(o["headerLength"])
    assert int.from_bytes(chunk[4:8], "little") == len(chunk)
    plain = decrypt(policy, own, chunk[length:])
    body, signature = plain[: -of.key_size // 8], plain[-of.key_size // 8 :]
    of.verify(signature, chunk[:length] + body, signing(policy), SHA256)
    return unpad(body, int(own.key_size > 2048)).hex()


def channel_keys(o):
    size = 16 if o["policy"].startswith("Aes128") else 32
    made = p_sha256(bytes.fromhex(o["secret"]), bytes.fromhex(o["seed"]), 48 + size)
    return made[:32], made[32 : 32 + size], made[32 + size :]


def secure_msg(o):
    sign, cipher, iv = channel_keys(o)
    header, content = bytes.fromhex(o["header"]), bytes.fromhex(o["content"])
    if o["mode"] == "2":
        data = sized(header, len(header) + len(content) + 32) + content
        return (data + hmac.new(sign, data, hashlib.sha256).digest()).hex()
    plain = pad(content, 16, 32, 0)
    header = sized(header, len(header) + len(plain) + 32)
    plain += hmac.new(sign, header + plain, hashlib.sha256).digest()
    one = Cipher(algorithms.AES(cipher), modes.CBC(iv)).encryptor()
    return (header + one.update(plain) + one.finalize()).hex()


def open_msg(o):
    sign, cipher, iv = channel_keys(o)
    chunk, length = bytes.fromhex(o["chunk"]), int(o["headerLength"])
    assert int.from_bytes(chunk[4:8], "little") == len(chunk)
    plain = chunk[length:]
    if o["mode"] == "3":
        one = Cipher(algorithms.AES(cipher), modes.CBC(iv)).decryptor()
        plain = one.update(plain) + one.finalize()
    assert hmac.new(sign, chunk[:length] + plain[:-32], hashlib.sha256).digest() == plain[-32:]
    return (unpad(plain[:-32], 0) if o["mode"] == "3" else plain[:-32]).hex()


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def moment(days):
    return datetime.datetime.utcnow().replace(microsecond=0) + datetime.timedelta(days=float(days))


USES = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]


def certificate(o):
    issuer = o.get("issuer", o["subject"])
    own, by = key(o["key"]), key(o.get("issuerKey", o["key"]))
    made = x509.CertificateBuilder().subject_name(name(o["subject"])).issuer_name(name(issuer))
    made = made.public_key(own.public_key()).serial_number(int(o.get("serial", x509.random_serial_number())))
    made = made.not_valid_before(moment(o.get("from", "-1"))).not_valid_after(moment(o.get("to", "30")))
    names = [x509.UniformResourceIdentifier(one) for one in o.get("uri", "").split(",") if one]
    names += [x509.DNSName(one) for one in o.get("dns", "").split(",") if one]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in o.get("ip", "").split(",") if one]
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), False)
    authority = o.get("ca") == "yes"
    length = int(o["pathLength"]) if "pathLength" in o else None
    made = made.add_extension(x509.BasicConstraints(authority, length), True)
    usual = "key_cert_sign,crl_sign" if authority else ",".join(USES[:4])
    uses = o.get("uses", usual).split(",")
    if uses != [""]:
        made = made.add_extension(x509.KeyUsage(**{one: one in uses for one in USES}), True)
    if "extended" in o:
        made = made.add_extension(
            x509.ExtendedKeyUsage([getattr(ExtendedKeyUsageOID, one) for one in o["extended"].split(",")]), False)
    if "critical" in o:
        made = made.add_extension(x509.UnrecognizedExtension(ObjectIdentifier(o["critical"]), b"\x05\x00"), True)
    digest = hashes.SHA1() if o.get("digest") == "SHA1" else SHA256
    CERTIFICATES[o["name"]] = made.sign(by, digest)
    return CERTIFICATES[o["name"]].public_bytes(serialization.Encoding.DER).hex()


def crl(o):
    made = x509.CertificateRevocationListBuilder().issuer_name(name(o["issuer"]))
    made = made.last_update(moment(o.get("from", "-1"))).next_update(moment(o.get("to", "30")))
    for one in o.get("revoked", "").split(","):
        if one:
            entry = x509.RevokedCertificateBuilder().serial_number(int(one)).revocation_date(moment("-0.5"))
            if "reason" in o:
                entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False)
            made = made.add_revoked_certificate(entry.build())
    made = made.add_extension(x509.CRLNumber(7), False)
    if "delta" in o:
        made = made.add_extension(x509.DeltaCRLIndicator(5), True)
    return made.sign(key(o["key"]), SHA256).public_bytes(serialization.Encoding.DER).hex()


def read(o):
    """What another reader sees in a certificate."""
    one = x509.load_der_x509_certificate(bytes.fromhex(o["der"]))
    names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    use = one.extensions.get_extension_for_class(x509.KeyUsage).value
    extended = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    one.public_key().verify(one.signature, one.tbs_certificate_bytes, padding.PKCS1v15(), one.signature_hash_algorithm)
    return "|".join([
        one.subject.rfc4514_string(), one.issuer.rfc4514_string(),
        ",".join(names.get_values_for_type(x509.UniformResourceIdentifier)),
        ",".join(names.get_values_for_type(x509.DNSName)),
        ",".join(str(a) for a in names.get_values_for_type(x509.IPAddress)),
        ",".join(u for u in USES[:7] if getattr(use, u)), ",".join(sorted(u._name for u in extended)),
        str((one.not_valid_after - one.not_valid_before).total_seconds()), one.signature_hash_algorithm.name,
        one.fingerprint(hashes.SHA1()).hex(), str(one.serial_number.bit_length()), str(one.public_key().key_size)])


def add_key(o):
    if "pem" in o:
        KEYS[o["name"]] = serialization.load_pem_private_key(o["pem"].encode(), None)
    else:
        KEYS[o["name"]] = rsa.generate_private_key(65537, int(o["bits"]))
    return key(o["name"]).private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                        serialization.NoEncryption()).decode()


def verify(o):
    try:
        public(o["key"]).verify(bytes.fromhex(o["signature"]), bytes.fromhex(o["data"]), signing(o["policy"]), SHA256)
        return "valid"
    except InvalidSignature:
        return "invalid"


OPERATIONS = {
    "key": add_key, "verify": verify, "certificate": certificate, "crl": crl, "read": read,
    "secure_opn": secure_opn, "open_opn": open_opn, "secure_msg": secure_msg, "open_msg": open_msg,
    "sign": lambda o: key(o["key"]).sign(bytes.fromhex(o["data"]), signing(o["policy"]), SHA256).hex(),
    "encrypt": lambda o: encrypt(o["policy"], public(o["key"]), bytes.fromhex(o["data"])).hex(),
    "decrypt": lambda o: decrypt(o["policy"], key(o["key"]), bytes.fromhex(o["data"])).hex(),
    "p_sha256": lambda o: p_sha256(bytes.fromhex(o["secret"]), bytes.fromhex(o["seed"]), int(o["count"])).hex(),
}

json.dump([OPERATIONS[o["op"]](o) for o in json.load(sys.stdin)], sys.stdout)
