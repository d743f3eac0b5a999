"""gss-ntlmssp through MIT GSS-API. The acceptor's users come from NTLM_USER_FILE."""
import base64

import gssapi
from gssapi import raw

MECHANISMS = {"ntlm": "1.3.6.1.4.1.311.2.2.10", "negotiate": "1.3.6.1.5.5.2"}
# gss-ntlmssp 1.2.0 crashes when it is asked for the target name of a context that has none.
SERVICE = "HTTP@localhost"


def mechanism(name):
    return gssapi.OID.from_int_seq(MECHANISMS[name])


class Peer:
    user, context, mech, session_key = None, None, None, None

    def bindings(self, request):
        data = request.get("bindings")
        return raw.ChannelBindings(application_data=base64.b64decode(data)) if data else None

    def wrap(self, data):
        return raw.wrap(self.context, data, confidential=True).message

    def unwrap(self, data):
        return raw.unwrap(self.context, data).message

    def sign(self, data):
        return raw.get_mic(self.context, data)

    def verify(self, data, signature):
        raw.verify_mic(self.context, data, signature)


class Client(Peer):
    complete = False

    def __init__(self, request):
        wanted = gssapi.RequirementFlag
        self.flags = wanted.mutual_authentication
        if request.get("sign") or request.get("seal") or request.get("bindings"):
            self.flags |= wanted.integrity               # it sends channel bindings only with a MIC
        if request.get("seal"):
            self.flags |= wanted.confidentiality
        domain = request.get("domain")
        name = gssapi.Name((domain + "\\" if domain else "") + request["username"], gssapi.NameType.user)
        self.mech, self.cb = mechanism(request.get("protocol", "ntlm")), self.bindings(request)
        self.creds = raw.acquire_cred_with_password(name, request["password"].encode(), mechs=[self.mech], usage="initiate").creds
        if self.mech != mechanism("ntlm"):
            raw.set_neg_mechs(self.creds, [mechanism("ntlm")])
        self.target = gssapi.Name(SERVICE, gssapi.NameType.hostbased_service)

    def step(self, token):
        r = raw.init_sec_context(self.target, creds=self.creds, context=self.context, mech=self.mech,
                                 flags=self.flags, channel_bindings=self.cb, input_token=token)
        self.context, self.complete = r.context, not r.more_steps
        return r.token


class Acceptor(Peer):
    complete = False

    def __init__(self, request):
        negotiate = request.get("protocol") == "negotiate"
        self.cb = self.bindings(request)
        self.creds = None if negotiate else gssapi.Credentials(
            name=gssapi.Name(SERVICE, gssapi.NameType.hostbased_service), usage="accept", mechs=[mechanism("ntlm")])

    def step(self, token):
        r = raw.accept_sec_context(token, acceptor_creds=self.creds, context=self.context, channel_bindings=self.cb)
        self.context, self.complete = r.context, not r.more_steps
        if self.complete:
            self.user = raw.display_name(r.initiator_name, name_type=False).name.rstrip(b"\0").decode()
        return r.token
