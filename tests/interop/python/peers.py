#!/usr/bin/env python3
"""Other implementations of NTLM behind one door: pyspnego, impacket and gss-ntlmssp, as client and
as acceptor, driven by JSON lines on standard input and answered on standard output.

    {"op": "open", "peer": "pyspnego", "side": "client", "username": ..., ...}  -> {"context": 1}
    {"op": "step", "context": 1, "token": base64 or null}   -> {"token": ..., "complete": ..., "user": ...}
    {"op": "wrap", "context": 1, "data": base64}             -> {"data": base64}
    ... unwrap, sign {"data"}, verify {"data", "signature"}, key -> {"data"}

Whatever goes wrong is {"error": "Kind: text"}; a peer's refusal of a token arrives that way too.
"""
import base64
import importlib
import itertools
import json
import sys

PEERS = {"pyspnego": "pyspnego_peer", "impacket": "impacket_peer", "gss-ntlmssp": "gssapi_peer"}


def decode(text):
    return None if text is None else base64.b64decode(text)


def encode(data):
    return None if data is None else base64.b64encode(bytes(data)).decode()


class Door:
    def __init__(self):
        self.contexts, self.ids = {}, itertools.count(1)

    def open(self, request):
        module = importlib.import_module(PEERS[request["peer"]])
        make = module.Client if request["side"] == "client" else module.Acceptor
        number = next(self.ids)
        self.contexts[number] = make(request)
        return {"context": number}

    def step(self, request):
        context = self.contexts[request["context"]]
        token = context.step(decode(request.get("token")))
        return {"token": encode(token), "complete": context.complete, "user": context.user}

    def wrap(self, request):
        return {"data": encode(self.contexts[request["context"]].wrap(decode(request["data"])))}

    def unwrap(self, request):
        return {"data": encode(self.contexts[request["context"]].unwrap(decode(request["data"])))}

    def sign(self, request):
        return {"data": encode(self.contexts[request["context"]].sign(decode(request["data"])))}

    def verify(self, request):
        self.contexts[request["context"]].verify(decode(request["data"]), decode(request["signature"]))
        return {}

    def key(self, request):
        return {"data": encode(self.contexts[request["context"]].session_key)}

    def close(self, request):
        self.contexts.pop(request["context"], None)
        return {}


def main():
    door = Door()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(door, request["op"])(request)
        except Exception as e:                  # every library has its own kinds; the tests want the text
            answer = {"error": "%s: %s" % (type(e).__name__, str(e).replace("\n", " "))}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
