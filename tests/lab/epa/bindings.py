"""Channel bindings of a server certificate (RFC 5929) and the comparison that EPA asks for."""
import hashlib
import ssl
import struct


class AuthFailed(Exception):
    pass


def endpoint_hash(pem_path):
    """tls-server-end-point of RFC 5929: the certificate hashed with the hash function of its
    own signature algorithm, but SHA-256 where that would be MD5 or SHA-1."""
    from cryptography import x509
    with open(pem_path, "rb") as f:
        pem = f.read()
    cert = x509.load_pem_x509_certificate(pem)
    der = ssl.PEM_cert_to_DER_cert(pem.decode().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----")
    algorithm = cert.signature_hash_algorithm.name
    used = "sha256" if algorithm in ("md5", "sha1") else algorithm
    return {"signature": cert.signature_algorithm_oid._name, "hash": used,
            "application_data": b"tls-server-end-point:" + hashlib.new(used, der).digest()}


def bindings_md5(application_data):
    """MD5 over the gss_channel_bindings_struct with empty addresses, as NTLM carries it."""
    return hashlib.md5(b"\0" * 16 + struct.pack("<I", len(application_data)) + application_data).digest()


def check_bindings(policy, application_data, sent):
    if policy == "off" or not application_data:
        return
    if sent is None:
        if policy == "require":
            raise AuthFailed("channel bindings: missing")
    elif sent != bindings_md5(application_data):
        raise AuthFailed("channel bindings: mismatch, expected %s, got %s"
                         % (bindings_md5(application_data).hex(), sent.hex()))
