"""Three independent judges of NTLM and Negotiate tokens: Samba's winbind, pyspnego, MIT GSSAPI.

A backend makes one context per handshake. `await context.step(token)` gives (answer token or None,
identity or None) or raises AuthFailed; `context.abandon()` ends it early.
"""
import asyncio
import base64
import os
import sys

from bindings import AuthFailed, check_bindings
from ntlm_report import find_ntlm, sent_bindings


class HelperBackend:
    """A pool of helper processes that speak Squid's line protocol, one per handshake in progress:
    "YR token" starts, "KK token" goes on; "TT token" continues, "AF ..." accepts, "NA"/"BH" refuse."""

    def __init__(self, opts):
        self.opts, self.idle = opts, {}

    def command(self, kind):
        raise NotImplementedError

    async def helper(self, kind):
        pool = self.idle.setdefault(kind, [])
        while pool:
            proc = pool.pop()
            if proc.returncode is None:
                return proc
        return await asyncio.create_subprocess_exec(
            *self.command(kind), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20)


class HelperContext:
    def __init__(self, backend, kind, bindings, policy):
        self.backend, self.kind, self.bindings, self.policy, self.proc = backend, kind, bindings, policy, None

    async def ask(self, *words):
        first = self.proc is None
        if first:
            self.proc = await self.backend.helper(self.kind)
        try:
            self.proc.stdin.write((" ".join(("YR" if first else "KK",) + words) + "\n").encode())
            await self.proc.stdin.drain()
            answer = (await self.proc.stdout.readline()).decode("utf-8", "replace").strip()
        except ConnectionError:
            answer = ""
        if not answer:
            self.proc = None                                  # dead: do not put it back
            raise AuthFailed("the %s helper died on this token" % self.kind)
        code, _, rest = answer.partition(" ")
        if code != "TT":
            self.abandon()
        return code, rest

    def abandon(self):
        proc, self.proc = self.proc, None
        if proc is not None and proc.returncode is None:
            self.backend.idle[self.kind].append(proc)         # the next "YR" resets it


class WinbindBackend(HelperBackend):
    def command(self, kind):
        return [self.opts.ntlm_auth, "--configfile=" + self.opts.smb_conf, "--helper-protocol=" + kind]

    def context(self, scheme, bindings, policy):
        return WinbindContext(self, "squid-2.5-ntlmssp" if scheme == "ntlm" else "gss-spnego", bindings, policy)


class WinbindContext(HelperContext):
    async def step(self, token):
        code, rest = await self.ask(base64.b64encode(token).decode())
        if code == "TT":
            return base64.b64decode(rest.split(" ")[0]), None
        if code != "AF":
            raise AuthFailed("ntlm_auth: %s %s" % (code, rest))
        # squid-2.5-ntlmssp: "AF user"; gss-spnego: "AF token user", token "*" if none
        if self.kind == "gss-spnego":
            out, _, user = rest.partition(" ")
            out = None if out == "*" else base64.b64decode(out)
        else:
            out, user = None, rest
        is_ntlm = find_ntlm(token) is not None
        if self.policy == "require" and not is_ntlm:
            raise AuthFailed("winbind backend cannot see the channel bindings of Kerberos; use backend gssapi")
        check_bindings(self.policy, self.bindings, sent_bindings(token) if is_ntlm else None)
        return out, {"user": user, "mechanism": "ntlm" if is_ntlm else "krb5"}


class SpnegoBackend:
    """pyspnego's acceptor; users from the file named by NTLM_USER_FILE."""

    def __init__(self, opts):
        import spnego
        self.spnego = spnego

    def context(self, scheme, bindings, policy):
        return SpnegoContext(self.spnego, scheme, bindings, policy)


class SpnegoContext:
    def __init__(self, spnego, scheme, bindings, policy):
        self.spnego, self.policy, self.bindings = spnego, policy, bindings
        options = spnego.NegotiateOptions.use_negotiate if scheme == "negotiate" else spnego.NegotiateOptions.use_ntlm
        self.ctx = spnego.server(protocol="negotiate" if scheme == "negotiate" else "ntlm", options=options)

    async def step(self, token):
        bindings = None
        # pyspnego refuses missing bindings whenever it is given some to compare with, so
        # "allow" hands them over only if the client sent any.
        if self.bindings and (self.policy == "require" or (self.policy == "allow" and sent_bindings(token))):
            bindings = self.spnego.channel_bindings.GssChannelBindings(application_data=self.bindings)
        try:
            out = self.ctx.step(token, channel_bindings=bindings)
        except self.spnego.exceptions.BadBindingsError as e:
            raise AuthFailed("channel bindings: pyspnego: %s" % e)
        except Exception as e:      # pyspnego raises many kinds; each means "not authenticated"
            raise AuthFailed("pyspnego: %s: %s" % (type(e).__name__, e))
        if not self.ctx.complete:
            return out, None
        return out, {"user": self.ctx.client_principal, "mechanism": str(self.ctx.negotiated_protocol)}

    def abandon(self):
        pass


class GssapiBackend(HelperBackend):
    """MIT GSSAPI through python3-gssapi: gss-ntlmssp for NTLM, the keytab of KRB5_KTNAME for
    Kerberos. In processes of its own (gssapi_helper.py): a token that crashes the C code
    costs one handshake, not the server."""

    def __init__(self, opts):
        super().__init__(opts)
        import gssapi                                         # noqa: F401  (is it there?)

    def command(self, kind):
        return [sys.executable, os.path.join(os.path.dirname(os.path.realpath(__file__)), "gssapi_helper.py")]

    def context(self, scheme, bindings, policy):
        return GssapiContext(self, "gssapi", bindings, policy)


class GssapiContext(HelperContext):
    async def step(self, token):
        bindings = self.bindings if self.bindings and self.policy != "off" else b""
        code, rest = await self.ask(base64.b64encode(token).decode(), base64.b64encode(bindings).decode() or "*")
        if code == "TT":
            return base64.b64decode(rest), None
        if code != "AF":
            raise AuthFailed("gssapi: " + rest)
        out, mechanism, bound, user = rest.split(" ", 3)
        if self.policy == "require" and self.bindings:
            # gss_accept_sec_context compares what was sent; whether anything was sent shows in
            # the message itself (NTLM) or in the context's flag (Kerberos).
            if not (sent_bindings(token) if mechanism == "ntlm" else bound == "1"):
                raise AuthFailed("channel bindings: missing")
        return None if out == "*" else base64.b64decode(out), {"user": user, "mechanism": mechanism}
