"""What an NTLM message says, for the server's report and for comparing channel bindings.

Only to report and to compare: the verdict on the password is the backend's. The AV pairs of an
NTLMv2 response are covered by its proof, so a comparison after the backend accepted the message
is sound.
"""
import struct

FLAGS = {0: "UNICODE", 1: "OEM", 2: "REQUEST_TARGET", 4: "SIGN", 5: "SEAL", 6: "DATAGRAM", 7: "LM_KEY",
         9: "NTLM", 11: "ANONYMOUS", 12: "OEM_DOMAIN", 13: "OEM_WORKSTATION", 15: "ALWAYS_SIGN",
         16: "TARGET_DOMAIN", 17: "TARGET_SERVER", 19: "EXTENDED_SESSIONSECURITY", 20: "IDENTIFY",
         22: "NON_NT_SESSION_KEY", 23: "TARGET_INFO", 25: "VERSION", 29: "KEY_128", 30: "KEY_EXCH", 31: "KEY_56"}
AV = {1: "NbComputerName", 2: "NbDomainName", 3: "DnsComputerName", 4: "DnsDomainName", 5: "DnsTreeName",
      6: "Flags", 7: "Timestamp", 8: "SingleHost", 9: "TargetName", 10: "ChannelBindings"}
SIGNATURE = b"NTLMSSP\0"


def flag_names(value):
    return [FLAGS.get(bit, "BIT_%d" % bit) for bit in range(32) if value >> bit & 1]


def av_pairs(data):
    out, pos = [], 0
    while pos + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, pos)
        if kind == 0:
            break
        out.append((kind, data[pos + 4:pos + 4 + length]))
        pos += 4 + length
    return out


def describe_avs(pairs):
    out = {}
    for kind, value in pairs:
        name = AV.get(kind, "Av%d" % kind)
        if kind in (1, 2, 3, 4, 5, 9):
            out[name] = value.decode("utf-16-le", "replace")
        elif kind == 6:
            out[name] = int.from_bytes(value, "little")
        else:
            out[name] = value.hex()
    return out


def find_ntlm(token):
    """The NTLMSSP message inside a token: raw, or somewhere inside SPNEGO."""
    at = token.find(SIGNATURE) if token else -1
    return token[at:] if at >= 0 and len(token) >= at + 12 else None


def describe(token):
    """Facts on one token for the report."""
    if token is None:
        return None
    msg = find_ntlm(token)
    wrap = "raw" if token.startswith(SIGNATURE) else "spnego"
    if msg is None:
        return {"type": "other", "wrapping": wrap, "length": len(token)}
    kind = struct.unpack_from("<I", msg, 8)[0]
    out = {"type": "ntlm%d" % kind, "wrapping": wrap, "length": len(token)}

    def field(offset):
        length, _, at = struct.unpack_from("<HHI", msg, offset)
        return msg[at:at + length]
    try:
        if kind == 1:
            flags = struct.unpack_from("<I", msg, 12)[0]
            out["flags"] = flag_names(flags)
            out["message_length"] = len(msg) if wrap == "raw" else None
        elif kind == 2:
            flags = struct.unpack_from("<I", msg, 20)[0]
            out.update(flags=flag_names(flags), target=field(12).decode("utf-16-le" if flags & 1 else "latin-1", "replace"),
                       target_info=describe_avs(av_pairs(field(40))))
        elif kind == 3:
            lm, nt = field(12), field(20)
            flags = struct.unpack_from("<I", msg, 60)[0]
            text = "utf-16-le" if flags & 1 else "latin-1"
            out.update(flags=flag_names(flags), domain=field(28).decode(text, "replace"),
                       user=field(36).decode(text, "replace"), workstation=field(44).decode(text, "replace"),
                       lm_response=len(lm), nt_response=len(nt), version="v2" if len(nt) > 24 else "v1",
                       session_key=len(field(52)))
            if len(nt) > 44:
                pairs = av_pairs(nt[44:])
                out["target_info"] = describe_avs(pairs)
                av_flags = out["target_info"].get("Flags", 0)
                out["mic_present"] = bool(av_flags & 2)
                out["target_name"] = out["target_info"].get("TargetName")
    except struct.error:
        out["malformed"] = True
    return out


def sent_bindings(token):
    """The MsvAvChannelBindings value of a type 3 message: 16 bytes, or None if absent or zero."""
    msg = find_ntlm(token)
    if msg is None or len(msg) < 28 or msg[8] != 3:
        return None
    length, _, at = struct.unpack_from("<HHI", msg, 20)
    for kind, value in av_pairs(msg[at:at + length][44:]):
        if kind == 10:
            return value if value.strip(b"\0") else None
    return None
