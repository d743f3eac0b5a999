#!/usr/bin/env python3
"""Accepts tokens with MIT GSSAPI: gss-ntlmssp for NTLM, the keytab of KRB5_KTNAME for Kerberos.

Speaks Squid's helper protocol on standard input and output, with the channel bindings' application
data (base64, or *) behind each token: "YR token bindings" starts, "KK token bindings" goes on.
"""
import base64
import sys

import gssapi
from gssapi import raw

SIGNATURE = b"NTLMSSP\0"


def main():
    ntlm, spnego, krb5 = (gssapi.OID.from_int_seq(x) for x in ("1.3.6.1.4.1.311.2.2.10", "1.3.6.1.5.5.2", "1.2.840.113554.1.2.2"))
    channel_bound = 2048                                      # GSS_C_CHANNEL_BOUND_FLAG, MIT krb5 1.19+
    # gss-ntlmssp 1.2.0 crashes in gss_inquire_context when the context has no target name,
    # so the acceptor gets one, and nothing here inquires.
    service = gssapi.Name("HTTP@localhost", gssapi.NameType.hostbased_service)
    context = creds = None
    for line in sys.stdin:
        code, token, bindings = line.split()
        token = base64.b64decode(token)
        cb = None if bindings == "*" else raw.ChannelBindings(application_data=base64.b64decode(bindings))
        try:
            if code == "YR":
                context = None
                if token.startswith(SIGNATURE):
                    creds = gssapi.Credentials(name=service, usage="accept", mechs=[ntlm])
                else:
                    creds = gssapi.Credentials(usage="accept", mechs=[spnego, krb5])
            res = raw.accept_sec_context(token, acceptor_creds=creds, context=context, channel_bindings=cb)
            context = res.context
            out = base64.b64encode(res.token).decode() if res.token else "*"
            if res.more_steps:
                answer = "TT " + out
            else:
                user = raw.display_name(res.initiator_name, name_type=False).name.rstrip(b"\0").decode("utf-8", "replace")
                answer = "AF %s %s %d %s" % (out, "ntlm" if res.mech == ntlm else "krb5",
                                             bool(int(res.flags) & channel_bound), user)
        except gssapi.exceptions.GSSError as e:
            answer = "NA %s: %s" % (type(e).__name__, str(e).replace("\n", " "))
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
