"""impacket's NTLM functions as a client, and the check that its SMB server makes as an acceptor."""
import base64
import hashlib
import os
import struct
import time

from Cryptodome.Cipher import ARC4
from impacket import ntlm
from impacket.smbserver import STATUS_SUCCESS, computeNTLMv2

WINDOWS_EPOCH = 116444736000000000


def channel_bindings_hash(application_data):
    return hashlib.md5(b"\0" * 16 + struct.pack("<I", len(application_data)) + application_data).digest()


class Sealing:
    """impacket leaves sequence numbers and RC4 states to its caller."""

    def start(self, flags, key, role):
        other = "Server" if role == "Client" else "Client"
        self.flags, self.session_key, self.sent, self.received = flags, key, 0, 0
        self.sign_out, self.sign_in = ntlm.SIGNKEY(flags, key, role), ntlm.SIGNKEY(flags, key, other)
        self.seal_out = ARC4.new(ntlm.SEALKEY(flags, key, role)).encrypt
        self.seal_in = ARC4.new(ntlm.SEALKEY(flags, key, other)).encrypt

    def wrap(self, data):
        sealed, signature = ntlm.SEAL(self.flags, self.sign_out, None, data, data, self.sent, self.seal_out)
        self.sent += 1
        return signature.getData() + sealed

    def unwrap(self, wrapped):
        data = self.seal_in(wrapped[16:])
        self.verify(data, wrapped[:16])
        return data

    def sign(self, data):
        signature = ntlm.SIGN(self.flags, self.sign_out, data, self.sent, self.seal_out).getData()
        self.sent += 1
        return signature

    def verify(self, data, signature):
        expected = ntlm.MAC(self.flags, self.seal_in, self.sign_in, self.received, data).getData()
        self.received += 1
        if expected != signature:
            raise ValueError("signature differs: %s, expected %s" % (signature.hex(), expected.hex()))


class Client(Sealing):
    user, complete = None, False

    def __init__(self, request):
        self.request, self.negotiate = request, None

    def step(self, token):
        r = self.request
        if token is None:
            self.negotiate = ntlm.getNTLMSSPType1("LABCLIENT", "", bool(r.get("sign") or r.get("seal")), use_ntlmv2=True)
            if r.get("keyExchange") is False:
                self.negotiate["flags"] &= ~ntlm.NTLMSSP_NEGOTIATE_KEY_EXCH
            return self.negotiate.getData()
        bindings = channel_bindings_hash(base64.b64decode(r["bindings"])) if r.get("bindings") else b""
        message, key = ntlm.getNTLMSSPType3(self.negotiate, token, r["username"], r["password"], r.get("domain") or "",
                                            use_ntlmv2=True, channel_binding_value=bindings, service="HTTP")
        self.complete = True
        self.start(message["flags"], key, "Client")
        return message.getData()


class Acceptor(Sealing):
    user, complete = None, False

    def __init__(self, request):
        self.request, self.negotiate = request, None

    def step(self, token):
        if self.negotiate is None:
            self.negotiate = ntlm.NTLMAuthNegotiate()
            self.negotiate.fromString(token)
            self.challenge = self.make_challenge(self.negotiate["flags"])
            return self.challenge.getData()
        message = ntlm.NTLMAuthChallengeResponse()
        message.fromString(token)
        user = message["user_name"].decode("utf-16le")
        status, key = computeNTLMv2(user, b"", ntlm.compute_nthash(self.request["password"]), self.challenge["challenge"],
                                    message, self.challenge, self.negotiate)
        if status != STATUS_SUCCESS:
            raise ValueError("impacket: the proof does not match")
        self.complete, self.user = True, user
        self.start(self.challenge["flags"], key, "Server")
        return None

    @staticmethod
    def make_challenge(flags):
        flags &= ~(ntlm.NTLM_NEGOTIATE_OEM | ntlm.NTLMSSP_NEGOTIATE_LM_KEY)
        flags |= ntlm.NTLMSSP_NEGOTIATE_TARGET_INFO | ntlm.NTLMSSP_TARGET_TYPE_SERVER | ntlm.NTLMSSP_REQUEST_TARGET
        names = ntlm.AV_PAIRS()
        names[ntlm.NTLMSSP_AV_HOSTNAME] = names[ntlm.NTLMSSP_AV_DOMAINNAME] = "IMPACKET".encode("utf-16le")
        names[ntlm.NTLMSSP_AV_TIME] = struct.pack("<q", WINDOWS_EPOCH + int(time.time() * 10 ** 7))
        info, target = names.getData(), "IMPACKET".encode("utf-16le")
        challenge = ntlm.NTLMAuthChallenge()
        challenge["flags"] = flags
        challenge["domain_len"] = challenge["domain_max_len"] = len(target)
        challenge["domain_offset"] = 56
        challenge["challenge"] = os.urandom(8)
        challenge["reserved"] = ""
        challenge["TargetInfoFields_len"] = challenge["TargetInfoFields_max_len"] = len(info)
        challenge["TargetInfoFields_offset"] = 56 + len(target)
        challenge["VersionLen"], challenge["Version"] = 8, b"\x0a\0\0\0\0\0\0\x0f"
        challenge["domain_name"], challenge["TargetInfoFields"] = target, info
        return challenge
