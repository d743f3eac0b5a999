"""The worker of the token benchmark for what is in Python: pyspnego and impacket, one a process."""
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


CONTENDERS = {"pyspnego": pyspnego, "impacket": impacket}
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
