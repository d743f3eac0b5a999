"""pyspnego's NTLM and SPNEGO, both sides. The acceptor's users come from NTLM_USER_FILE."""
import base64

import spnego
from spnego._ntlm_raw.messages import NegotiateFlags
from spnego.channel_bindings import GssChannelBindings


def bindings_of(request):
    data = request.get("bindings")
    return GssChannelBindings(application_data=base64.b64decode(data)) if data else None


def arguments(request):
    negotiate = request.get("protocol") == "negotiate"
    required = spnego.ContextReq.none
    if request.get("sign") or request.get("seal"):
        required |= spnego.ContextReq.integrity | spnego.ContextReq.sequence_detect
    if request.get("seal"):
        required |= spnego.ContextReq.confidentiality
    return {
        "protocol": "negotiate" if negotiate else "ntlm",
        # its own Python code, never the system's GSS-API
        "options": spnego.NegotiateOptions.use_negotiate if negotiate else spnego.NegotiateOptions.use_ntlm,
        "context_req": required,
        "channel_bindings": bindings_of(request),
    }


class Peer:
    user = None

    def step(self, token):
        return self.context.step(token)

    @property
    def complete(self):
        return self.context.complete

    @property
    def session_key(self):
        return self.context.session_key

    def wrap(self, data):
        return self.context.wrap(data).data

    def unwrap(self, data):
        return self.context.unwrap(data).data

    def sign(self, data):
        return self.context.sign(data)

    def verify(self, data, signature):
        self.context.verify(data, signature)


class Client(Peer):
    def __init__(self, request):
        user, domain = request["username"], request.get("domain")
        self.context = spnego.client(domain + "\\" + user if domain else user, request["password"],
                                     hostname=request.get("host", "localhost"), service="HTTP", **arguments(request))
        if request.get("keyExchange") is False:
            self.context._context_req &= ~NegotiateFlags.key_exch   # it has no public switch for this


class Acceptor(Peer):
    def __init__(self, request):
        self.context = spnego.server(**arguments(request))

    @property
    def user(self):
        return self.context.client_principal if self.context.complete else None
