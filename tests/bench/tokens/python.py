"""The worker of the token benchmark for what Python has or can call: pyspnego, impacket, and two libraries in C, one a process.

The calls into C cost about a microsecond each; the libraries take tens of them for a handshake."""
import base64
import json
import sys
import time

BATCH = 5


def pyspnego(account, challenge):
    from importlib.metadata import version
    import spnego

    def handshake():
        # 'use_ntlm' keeps it from handing the work to the system's GSS-API.
        client = spnego.client(account["domain"] + "\\" + account["username"], account["password"],
                               hostname="proxy01.corplab.example", service="HTTP", protocol="ntlm",
                               options=spnego.NegotiateOptions.use_ntlm)
        return client.step(), client.step(challenge)
    return handshake, version("pyspnego")


def impacket(account, challenge):
    from importlib.metadata import version
    from impacket import ntlm

    def handshake():
        first = ntlm.getNTLMSSPType1(account["workstation"], account["domain"], use_ntlmv2=True)
        last, _ = ntlm.getNTLMSSPType3(first, challenge, account["username"], account["password"], account["domain"])
        return first.getData(), last.getData()
    return handshake, version("impacket")


def gss_ntlmssp(account, challenge):
    from importlib.metadata import version
    import gssapi
    from gssapi import raw

    mechanism = gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")
    name = gssapi.Name(account["domain"] + "\\" + account["username"], gssapi.NameType.user)
    target = gssapi.Name("HTTP@proxy01.corplab.example", gssapi.NameType.hostbased_service)
    password = account["password"].encode()
    flags = [gssapi.RequirementFlag.mutual_authentication]  # its default is signing, which this challenge does not offer

    def handshake():
        who = raw.acquire_cred_with_password(name, password, mechs=[mechanism], usage="initiate").creds
        first = raw.init_sec_context(target, creds=who, mech=mechanism, flags=flags)
        last = raw.init_sec_context(target, creds=who, context=first.context, mech=mechanism, flags=flags,
                                    input_token=challenge)
        return first.token, last.token
    return handshake, "through gssapi " + version("gssapi")


def libntlm(account, challenge):
    import ctypes

    library = ctypes.CDLL("libntlm.so.0")
    library.ntlm_check_version.restype = ctypes.c_char_p
    buffer = 1024                                         # NTLM_MSG_BUFSIZE; its used length follows each buffer
    request, response = ctypes.create_string_buffer(32 + buffer + 4), ctypes.create_string_buffer(64 + buffer + 4)
    received = ctypes.create_string_buffer(challenge[:48 + buffer], 48 + buffer + 4)
    received[48 + buffer:] = len(challenge).to_bytes(4, "little")
    user, domain, password = (account[key].encode() for key in ("username", "domain", "password"))

    def length(message, header):
        return header + int.from_bytes(message[header + buffer:header + buffer + 4], "little")

    def handshake():
        library.buildSmbNtlmAuthRequest(request, user, domain)
        library.buildSmbNtlmAuthResponse(received, response, user, password)
        return request[:length(request, 32)], response[:length(response, 64)]
    return handshake, library.ntlm_check_version(None).decode()


CONTENDERS = {"pyspnego": pyspnego, "impacket": impacket, "gss-ntlmssp": gss_ntlmssp, "libntlm": libntlm}
work = None


def answer(question):
    global work
    if "contender" in question:
        work, version = CONTENDERS[question["contender"]](question["account"], base64.b64decode(question["challenge"]))
        messages = [base64.b64encode(message).decode() for message in work()]
        return {"messages": messages, "cases": ["message 1 and 3, bytes"], "version": version}
    start, count = time.process_time(), 0
    while True:
        for _ in range(BATCH):
            work()
        count += BATCH
        spent = time.process_time() - start
        if spent * 1000 >= question["milliseconds"]:
            return {"perSecond": count / spent}


for line in sys.stdin:
    try:
        said = answer(json.loads(line))
    except Exception as error:
        said = {"error": "%s: %s" % (type(error).__name__, error)}
    print(json.dumps(said), flush=True)
