"""One GET with requests-ntlm; {"url", "proxy", "username", "password"} comes on standard input."""
import json
import sys

import requests
from requests_ntlm import HttpNtlmAuth

request = json.load(sys.stdin)
session = requests.Session()
session.trust_env = False
if request.get("proxy"):
    session.proxies = {"http": request["proxy"]}
session.auth = HttpNtlmAuth(request["username"], request["password"], send_cbt=False)
answer = session.get(request["url"], timeout=20)
print(answer.status_code, answer.text)
