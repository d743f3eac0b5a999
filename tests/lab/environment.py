#!/usr/bin/python3
"""Describes the lab for its users: `lab env` (shell exports) and `lab env --json`.

Reads users.json and the LAB_* variables that the lab script exports; no other state.
    environment.py sh|json|ntlm-user-file|name USERKEY|password USERKEY
"""
import json
import os
import shlex
import sys

HERE = os.path.dirname(os.path.realpath(__file__))


def generated_password(length):
    """Deterministic long password: a plain linear congruential generator, no storage needed."""
    alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    state, out = 2024, []
    while len(out) < length:
        state = (state * 1103515245 + 12345) % 2 ** 31
        out.append(alphabet[(state >> 8) % len(alphabet)])
    return "".join(out)


def load_users(path=os.path.join(HERE, "users.json")):
    with open(path, encoding="utf-8") as f:
        data = json.load(f)
    for user in data["users"]:
        if "long" in user:
            user["password"] = generated_password(user.pop("long"))
    return data


def account(key):
    data = load_users()
    if key == "administrator":
        return data["administrator"]
    for user in data["users"]:
        if user["key"] == key:
            return user
    sys.exit("no user with the key " + key)


def describe():
    e = os.environ
    ip, lab, realm = e["LAB_IP"], e["LAB_DIR"], e["LAB_REALM"].lower()
    data = load_users()

    def at(name):
        return "%s:%s" % (ip, e["LAB_P_" + name])

    def user(u):
        return dict(u, domain=e["LAB_DOMAIN"], down_level=e["LAB_DOMAIN"] + "\\" + u["name"], upn=u["name"] + "@" + realm)

    certificates = e["LAB_EPA_CERTS"].split()
    return {
        "dir": lab, "ip": ip, "realm": e["LAB_REALM"], "domain": e["LAB_DOMAIN"], "python": e["LAB_PYTHON"],
        "ca": e["LAB_CA"] + "/ca.crt",
        "dc": {"ip": e["LAB_DC_IP"], "name": "dc1." + realm, "admin": data["administrator"],
               "auth_log": lab + "/log/dc-auth.json", "smb_conf": lab + "/dc/etc/smb.conf"},
        "helper_smb_conf": lab + "/helper/smb.conf",
        "krb5": {"config": lab + "/etc/krb5.conf", "keytab": lab + "/etc/http.keytab",
                 "principals": ["HTTP/" + h for h in e["LAB_SPN_HOSTS"].split()]},
        "ntlm_user_file": lab + "/etc/ntlm-users",
        "users": {u["key"]: user(u) for u in data["users"]},
        "squid_log": lab + "/log/squid/access.log",
        "proxies": {
            "both": {"url": "http://" + at("PROXY"), "schemes": ["Negotiate", "NTLM"]},
            "ntlm": {"url": "http://" + at("PROXY_NTLM"), "schemes": ["NTLM"]},
            "negotiate": {"url": "http://" + at("PROXY_NEGO"), "schemes": ["Negotiate"]},
            "basic": {"url": "http://" + at("PROXY_BASIC"), "schemes": ["Basic"]},
            "open": {"url": "http://" + at("PROXY_OPEN"), "schemes": []},
            "listed": {"url": "http://" + at("PROXY_LISTED"), "schemes": ["NTLM"]},
            "methods": {"url": "http://" + at("PROXY_METHODS"), "schemes": ["NTLM"]},
            "tls": {"url": "https://localhost:" + e["LAB_P_PROXY_TLS"], "schemes": ["Negotiate", "NTLM"]},
            # Kerberos, or raw NTLM in Negotiate; not NTLM inside SPNEGO
            "wrapper": {"url": "http://" + at("PROXY_WRAPPER"), "schemes": ["Negotiate"]},
            "cntlm": {"url": "http://" + at("CNTLM"), "schemes": []},
        },
        "origins": {
            "apache": {"http": "http://" + at("APACHE"), "https": "https://" + at("APACHE_TLS")},
            "apache_file": {"http": "http://" + at("APACHE_FILE"), "https": "https://" + at("APACHE_FILE_TLS")},
            "squid_accel": {"http": "http://" + at("ACCEL"), "https": "https://" + at("ACCEL_TLS")},
            "epa": {"http": "http://" + at("EPA_HTTP"),
                    "https": {c: "https://%s:%d" % (ip, int(e["LAB_P_EPA_TLS"]) + i) for i, c in enumerate(certificates)},
                    "log": lab + "/log/epa.jsonl"},
        },
    }


def shell(d):
    flat = {
        "LAB_DIR": d["dir"], "LAB_IP": d["ip"], "LAB_DC_IP": d["dc"]["ip"], "LAB_REALM": d["realm"],
        "LAB_DOMAIN": d["domain"], "LAB_PYTHON": d["python"], "LAB_CA": d["ca"], "LAB_KEYTAB": d["krb5"]["keytab"],
        "KRB5_CONFIG": d["krb5"]["config"], "LAB_NTLM_USER_FILE": d["ntlm_user_file"],
        "LAB_DC_AUTH_LOG": d["dc"]["auth_log"], "LAB_EPA_LOG": d["origins"]["epa"]["log"], "LAB_SQUID_LOG": d["squid_log"],
    }
    for name, p in d["proxies"].items():
        flat["LAB_PROXY" + ("" if name == "both" else "_" + name.upper())] = p["url"]
    for name in ("apache", "apache_file", "squid_accel"):
        flat["LAB_" + name.upper()] = d["origins"][name]["http"]
        flat["LAB_" + name.upper() + "_TLS"] = d["origins"][name]["https"]
    flat["LAB_EPA"] = d["origins"]["epa"]["http"]
    for certificate, url in d["origins"]["epa"]["https"].items():
        flat["LAB_EPA_" + certificate.upper().replace("-", "_")] = url
    for key, u in d["users"].items():
        flat["LAB_USER_" + key.upper()] = u["down_level"]
        flat["LAB_PASS_" + key.upper()] = u["password"]
    return "".join("export %s=%s\n" % (k, shlex.quote(v)) for k, v in flat.items())


def ntlm_user_file():
    """DOMAIN:USER:PASSWORD per line, as gss-ntlmssp and pyspnego read it. The format has no
    escape: the password with a colon stays out."""
    for u in load_users()["users"]:
        if u["expect"] == "ok" and ":" not in u["password"]:
            yield "%s:%s:%s" % (os.environ["LAB_DOMAIN"], u["name"], u["password"])


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    what, *rest = sys.argv[1:] or ["sh"]
    if what == "json":
        print(json.dumps(describe(), ensure_ascii=False, indent=1))
    elif what == "sh":
        sys.stdout.write(shell(describe()))
    elif what == "ntlm-user-file":
        print("\n".join(ntlm_user_file()))
    elif what in ("name", "password") and len(rest) == 1:
        print(account(rest[0])[what])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
