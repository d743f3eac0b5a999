#!/usr/bin/env python3
"""Origin server that authenticates with NTLM or Negotiate, enforces channel bindings
(Extended Protection for Authentication, EPA) and reports what it saw as JSON.

Debian 12 has no web server that enforces EPA (mod_auth_gssapi passes no channel bindings
in any release), so this one does. Asyncio, HTTP/1.1, plain and TLS listeners.

    GET /<backend>/<policy>/<scheme>[/anything][?bytes=N]

  backend  winbind  Samba's ntlm_auth: the domain controller checks the password (NTLM and
                    Kerberos; channel bindings can be seen for NTLM only)
           spnego   pyspnego's acceptor in Python, users from a file (NTLM only)
           gssapi   MIT GSSAPI in C: gss-ntlmssp (user file, then winbind) and krb5 keytab
  policy   off      channel bindings are ignored
           allow    wrong ones are refused, missing ones accepted   (IIS: tokenChecking=Allow)
           require  missing or wrong ones are refused               (IIS: tokenChecking=Require)
  scheme   ntlm, negotiate or both: what the 401 offers

  /none[/anything]   no authentication, same JSON echo
  /                  this list and the certificate facts

bytes=N answers N zero bytes instead of JSON (with an X-Lab-User header). Authentication
belongs to the connection (as in IIS): once done, further requests for the same
/<backend>/<policy>/<scheme> on that connection need no Authorization header.

Every 401 has a JSON body too; "reason" says why: "no credentials", "challenge" (the
handshake goes on), or the failure.
"""
import argparse
import asyncio
import base64
import hashlib
import itertools
import json
import ssl
import sys
import time
import urllib.parse

from backends import GssapiBackend, SpnegoBackend, WinbindBackend
from bindings import AuthFailed, bindings_md5, endpoint_hash
from ntlm_report import describe, find_ntlm, sent_bindings

MAX_BODY = 64 * 1024 * 1024
MAX_HEADER = 128 * 1024


class Connection:
    ids = itertools.count(1)

    def __init__(self, server, listener, reader, writer):
        self.server, self.listener, self.reader, self.writer = server, listener, reader, writer
        self.id, self.requests, self.auth, self.pending = next(self.ids), 0, {}, None
        ssl_object = writer.get_extra_info("ssl_object")
        self.tls = None
        if ssl_object is not None:
            self.tls = {"version": ssl_object.version(), "cipher": ssl_object.cipher()[0]}

    async def run(self):
        try:
            while await self.one_request():
                pass
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ssl.SSLError, TimeoutError):
            pass
        finally:
            if self.pending:
                self.pending["context"].abandon()
            self.writer.close()

    async def one_request(self):
        try:
            head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 120)
        except asyncio.IncompleteReadError as e:
            if e.partial.strip():
                raise
            return False
        self.requests += 1
        lines = head.decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ", 2)
        headers = [tuple(x.strip() for x in line.split(":", 1)) for line in lines[1:] if ":" in line]
        get = {k.lower(): v for k, v in headers}
        if get.get("expect", "").lower() == "100-continue":
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        length, digest = await self.read_body(get)
        keep = "close" not in get.get("connection", "").lower() and version != "HTTP/1.0"
        url = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(url.query))
        request = {"method": method, "target": target, "version": version, "headers": headers,
                   "body_bytes": length, "body_sha256": digest}
        status, extra, report = await self.answer(url.path, get.get("authorization"), request)
        report.update(request=request, connection={"id": self.id, "request": self.requests, "tls": self.tls,
                                                   "listener": self.listener["name"]})
        self.server.log(report, status)
        if status == 200 and "bytes" in query:
            await self.send(method, status, extra, None, int(query["bytes"]), keep)
        else:
            body = (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode()
            await self.send(method, status, extra, body, len(body), keep)
        return keep

    async def read_body(self, get):
        digest, total = hashlib.sha256(), 0
        if "chunked" in get.get("transfer-encoding", "").lower():
            while True:
                size = int((await self.reader.readline()).split(b";")[0], 16)
                if size == 0:
                    while (await self.reader.readline()).strip():
                        pass
                    break
                total += size
                if total > MAX_BODY:
                    raise ConnectionError("body too large")
                digest.update(await self.reader.readexactly(size))
                await self.reader.readexactly(2)
        else:
            left = int(get.get("content-length") or 0)
            if left > MAX_BODY:
                raise ConnectionError("body too large")
            while left:
                block = await self.reader.read(min(left, 65536))
                if not block:
                    raise ConnectionError("body cut short")
                digest.update(block)
                total += len(block)
                left -= len(block)
        return total, digest.hexdigest() if total else None

    async def send(self, method, status, extra, body, size, keep):
        reason = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}[status]
        lines = ["HTTP/1.1 %d %s" % (status, reason), "Server: lab-epa",
                 "Content-Type: " + ("application/json; charset=utf-8" if body is not None else "application/octet-stream"),
                 "Content-Length: %d" % size, "Cache-Control: no-store"] + extra
        if not keep:
            lines.append("Connection: close")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8"))
        if method != "HEAD":
            if body is not None:
                self.writer.write(body)
            else:
                zeros = bytes(65536)
                while size > 0:
                    self.writer.write(zeros[:size])
                    await self.writer.drain()
                    size -= len(zeros)
        await self.writer.drain()

    async def answer(self, path, authorization, request):
        """-> status, extra header lines, report"""
        parts = [p for p in path.split("/") if p]
        if not parts:
            return 200, [], {"ok": True, "usage": __doc__, "listeners": self.server.facts()}
        if parts[0] == "none":
            return 200, [], {"ok": True, "user": None}
        try:
            backend_name, policy, offer = parts[:3]
            backend = self.server.backends[backend_name]
            schemes = {"ntlm": ["NTLM"], "negotiate": ["Negotiate"], "both": ["Negotiate", "NTLM"]}[offer]
            if policy not in ("off", "allow", "require"):
                raise KeyError(policy)
        except (KeyError, ValueError):
            return 404, [], {"ok": False, "reason": "no such place; GET / lists them"}
        space = "/".join(parts[:3])
        cert = self.listener.get("cert")
        bindings = cert["application_data"] if cert else None
        report = {"ok": False, "backend": backend_name, "policy": policy, "offered": schemes,
                  "channel_bindings": {"expected": bindings_md5(bindings).hex() if bindings else None,
                                       "hash": cert["hash"] if cert else None}}
        offer_lines = ["WWW-Authenticate: " + s for s in schemes]

        if not authorization:
            if self.pending:                     # the client started over: forget the half-done handshake
                self.pending["context"].abandon()
                self.pending = None
            if space in self.auth:
                report.update(ok=True, authenticated_by="connection", **self.auth[space])
                return 200, ["Persistent-Auth: true", user_header(report)], report
            report["reason"] = "no credentials"
            return 401, offer_lines, report

        scheme, _, text = authorization.partition(" ")
        try:
            token = base64.b64decode(text.strip(), validate=True)
        except ValueError:
            report["reason"] = "malformed token"
            return 400, [], report
        if scheme.lower() not in [s.lower() for s in schemes] or not token:
            report["reason"] = "scheme not offered here: " + scheme
            return 401, offer_lines, report

        self.auth.pop(space, None)
        msg = find_ntlm(token)
        starts_over = msg is not None and msg[8] == 1
        if self.pending and (self.pending["space"] != space or starts_over):
            self.pending["context"].abandon()
            self.pending = None
        if self.pending is None:
            self.pending = {"space": space, "context": backend.context(scheme.lower(), bindings, policy), "legs": []}
        pending = self.pending
        pending["legs"].append({"method": request["method"], "body_bytes": request["body_bytes"], "token": describe(token)})
        sent = sent_bindings(token)
        report["channel_bindings"]["sent"] = sent.hex() if sent else None
        report["scheme"] = scheme
        report["legs"] = pending["legs"]
        try:
            out, identity = await pending["context"].step(token)
        except AuthFailed as e:
            pending["context"].abandon()
            self.pending = None
            report["reason"] = str(e)
            return 401, offer_lines, report
        if out:
            pending["legs"].append({"answer": describe(out)})
        out_line = ["WWW-Authenticate: %s %s" % (scheme, base64.b64encode(out).decode())] if out else []
        if identity is None:
            report["reason"] = "challenge"
            return 401, out_line, report
        self.pending = None
        identity["scheme"] = scheme
        identity["channel_bindings"] = report["channel_bindings"]
        self.auth[space] = identity
        report.update(ok=True, authenticated_by="request", **identity)
        return 200, out_line + ["Persistent-Auth: true", user_header(report)], report


def user_header(report):
    return "X-Lab-User: " + urllib.parse.quote(report.get("user") or "", safe="\\@. ")


class Server:
    def __init__(self, opts):
        self.opts, self.listeners, self.backends = opts, [], {}
        self.log_file = open(opts.log, "a", encoding="utf-8", buffering=1) if opts.log else None
        for name, cls in (("winbind", WinbindBackend), ("spnego", SpnegoBackend), ("gssapi", GssapiBackend)):
            try:
                self.backends[name] = cls(opts)
            except ImportError as e:
                print("backend %s is off: %s" % (name, e), file=sys.stderr)

    def log(self, report, status):
        if self.log_file:
            line = dict(report, status=status, time=time.time())
            line.pop("usage", None)
            self.log_file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def facts(self):
        return [{"name": x["name"], "address": x["address"],
                 "certificate_signature": x["cert"]["signature"] if x.get("cert") else None,
                 "hash": x["cert"]["hash"] if x.get("cert") else None,
                 "channel_bindings": bindings_md5(x["cert"]["application_data"]).hex() if x.get("cert") else None}
                for x in self.listeners]

    async def run(self):
        servers = []
        for spec in self.opts.listen:
            name, address, *files = spec.split(",")
            host, port = address.rsplit(":", 1)
            if not host.startswith("127."):
                raise SystemExit("loopback addresses only, not " + host)
            listener, context = {"name": name, "address": address}, None
            if files:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(files[0], files[1])
                context.set_alpn_protocols(["http/1.1"])      # NTLM cannot work over HTTP/2
                listener["cert"] = endpoint_hash(files[0])
            self.listeners.append(listener)

            async def client(reader, writer, listener=listener):
                await Connection(self, listener, reader, writer).run()
            servers.append(await asyncio.start_server(client, host, int(port), ssl=context, limit=MAX_HEADER))
        print("ready: %s" % ", ".join(x["name"] + "=" + x["address"] for x in self.listeners), flush=True)
        await asyncio.gather(*(s.serve_forever() for s in servers))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--listen", action="append", required=True, metavar="NAME,IP:PORT[,CHAIN.pem,KEY.pem]",
                   help="repeatable; with certificate and key it is a TLS listener")
    p.add_argument("--ntlm-auth", default="/usr/bin/ntlm_auth")
    p.add_argument("--smb-conf", default="/etc/samba/smb.conf", help="configuration for ntlm_auth")
    p.add_argument("--log", help="append every report to this file as one JSON line")
    asyncio.run(Server(p.parse_args()).run())


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
