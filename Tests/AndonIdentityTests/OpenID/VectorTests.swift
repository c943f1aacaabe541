import AndonModel
import Testing

@testable import AndonIdentity

@Suite("What the standards themselves give as examples")
struct VectorTests {
    private static let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    private func payload(_ key: JSON, _ token: String) throws -> String {
        let set: JSON = ["keys": [key]]
        let token = try CompactToken(token, keys: KeySet(parsing: set.canonicalBytes))
        return String(decoding: token.payload, as: UTF8.self)
    }

    @Test("The RSA signature of RFC 7515, A.2, holds")
    func rsa() throws {
        let modulus = [
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ",
            "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2",
            "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD",
            "TW9gb54h4FRWyuXpoQ",
        ].joined()
        let signature = [
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU",
            "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d",
            "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig",
            "cN_IoypGlUPQGe77Rw",
        ].joined()
        let key: JSON = ["kty": "RSA", "n": .string(modulus), "e": "AQAB"]
        #expect(try payload(key, "eyJhbGciOiJSUzI1NiJ9.\(Self.payload).\(signature)").contains("\"iss\":\"joe\""))
    }

    @Test("The signature on P-256 of RFC 7515, A.3, holds")
    func ecdsa() throws {
        let key: JSON = [
            "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        ]
        let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        #expect(try payload(key, "eyJhbGciOiJFUzI1NiJ9.\(Self.payload).\(signature)").contains("\"iss\":\"joe\""))
    }

    @Test("The Ed25519 signature of RFC 8037, A.4, holds")
    func eddsa() throws {
        let key: JSON = ["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]
        let text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        #expect(try payload(key, "\(text).\(signature)") == "Example of Ed25519 signing")
    }

    @Test("The bytes of RFC 7636, B, give its verifier and its challenge")
    func challenge() {
        let bytes: [UInt8] = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ]
        let verifier = Base64URL.text(bytes)
        #expect(verifier == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        let request = AuthorisationRequest(state: "s", nonce: "n", verifier: verifier)
        #expect(request.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test("Base64url without padding is read as RFC 4648 writes it, and in that one form alone")
    func base64() {
        let pairs: [(String, String)] = [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ]
        for (plain, text) in pairs {
            #expect(Base64URL.text(Array(plain.utf8)) == text)
            #expect(Base64URL.bytes(text) == Array(plain.utf8), "\(text)")
        }
        #expect(Base64URL.bytes("-_-_") == [0xFB, 0xFF, 0xBF])
        for wrong in ["Zg==", "Zg=", "Zh", "Zm9", "Z", "+/+/", "Zm 9v", "Zm9v\n", "Zm9vZ", "Zm9vü"] {
            #expect(Base64URL.bytes(wrong) == nil, "\(wrong)")
        }
    }
}
