#!/usr/bin/python3
"""Fills the freshly provisioned lab domain: password policy, users of users.json, and
the service account that owns the HTTP service principal names.

Runs once, directly on the domain controller's database (no server needs to be up),
with Debian's own python3-samba:   seed_ad.py SMB_CONF USERS_JSON SPN [SPN ...]
"""
import sys

import ldb
from samba import param
from samba.auth import system_session
from samba.samdb import SamDB

from environment import load_users

# A pwdLastSet in the past can only be stored with this private Samba control
# ("bypass last set"); it is local to the database, clients cannot send it.
BYPASS_LAST_SET = "local_oid:1.3.6.1.4.1.7165.4.3.20:0"
YEAR_2020 = 132223104000000000        # a Windows file time: 2020-01-01


def modify(db, dn, controls=None, **attrs):
    msg = ldb.Message()
    msg.dn = dn
    for name, value in attrs.items():
        name = name.replace("__", "-")
        msg[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
    db.modify(msg, controls or [])


def main():
    smb_conf, users_json, spns = sys.argv[1], sys.argv[2], sys.argv[3:]
    lp = param.LoadParm()
    lp.load(smb_conf)
    db = SamDB(lp=lp, session_info=system_session())
    data = load_users(users_json)
    base = db.domain_dn()

    def dn_of(name):
        res = db.search(base, expression="(sAMAccountName=%s)" % ldb.binary_encode(name), attrs=[])
        return res[0].dn if res else None

    # No complexity rules (the lab wants odd passwords) and no expiry surprises: accounts
    # live for years. maxPwdAge is 2 days, so that "expiredpw" can expire; every other
    # account gets "password never expires".
    modify(db, ldb.Dn(db, base), pwdProperties="0", minPwdLength="1", minPwdAge="0",
           pwdHistoryLength="0", maxPwdAge=str(-2 * 86400 * 10 ** 7))

    def never_expires(name):
        db.setexpiry("(sAMAccountName=%s)" % ldb.binary_encode(name), 0, no_expiry_req=True)

    never_expires(data["administrator"]["name"])

    # The account behind HTTP/<host>. AES only: without the attribute Samba 4.17 would hand
    # out RC4 service tickets. It must be set before the keytab is exported.
    svc = data["service"]
    if dn_of(svc["name"]) is None:
        db.newuser(svc["name"], svc["password"])
        never_expires(svc["name"])
    modify(db, dn_of(svc["name"]), servicePrincipalName=spns,
           msDS__SupportedEncryptionTypes="24")

    for user in data["users"]:
        name = user["name"]
        if dn_of(name) is not None:
            continue
        db.newuser(name, user["password"],
                   force_password_change_at_next_login_req=user.get("state") == "mustchange")
        match = "(sAMAccountName=%s)" % ldb.binary_encode(name)
        state = user.get("state")
        if state == "disabled":
            never_expires(name)
            db.disable_account(match)
        elif state == "expiredacct":
            never_expires(name)
            modify(db, dn_of(name), accountExpires=str(YEAR_2020))
        elif state == "expiredpw":
            modify(db, dn_of(name), [BYPASS_LAST_SET], pwdLastSet=str(YEAR_2020))
        elif state != "mustchange":
            never_expires(name)
        if "lockout" in user:
            # Account lockout for this user only: a password settings object (PSO).
            pso = ldb.Dn(db, "CN=lab-lockout,CN=Password Settings Container,CN=System," + base)
            db.add({
                "dn": pso, "objectClass": "msDS-PasswordSettings",
                "msDS-PasswordSettingsPrecedence": "10",
                "msDS-LockoutThreshold": str(user["lockout"]),
                "msDS-LockoutDuration": str(-60 * 10 ** 7),
                "msDS-LockoutObservationWindow": str(-60 * 10 ** 7),
                "msDS-MinimumPasswordAge": "0", "msDS-MaximumPasswordAge": str(-1 << 63),
                "msDS-MinimumPasswordLength": "1", "msDS-PasswordHistoryLength": "0",
                "msDS-PasswordComplexityEnabled": "FALSE",
                "msDS-PasswordReversibleEncryptionEnabled": "FALSE",
                "msDS-PSOAppliesTo": str(dn_of(name)),
            })
    print("seeded %d users" % len(data["users"]))


if __name__ == "__main__":
    main()
