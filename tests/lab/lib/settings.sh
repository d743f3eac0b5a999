# Names, addresses, ports and folders of the lab; everything else reads them from here.

# One state folder per machine, whichever checkout works with it: winbind's socket folder is
# compiled into Samba, so two labs cannot run at the same time.
export LAB_DIR=${LAB_DIR:-/tmp/ntlm-lab}
export LAB_IP=${LAB_IP:-127.0.0.1}             # proxies and origin servers
export LAB_DC_IP=${LAB_DC_IP:-127.0.0.10}      # domain controller, on its standard ports
export LAB_DOMAIN=CORP LAB_REALM=CORP.EXAMPLE
export LAB_SPN_HOSTS="localhost www.corp.example proxy.corp.example"
export LAB_CA=$LAB_DIR/ca
export LAB_PYTHON=$LAB_DIR/python/bin/python

LAB_PORT_BASE=${LAB_PORT_BASE:-13100}
port() { export "LAB_P_$1=$((LAB_PORT_BASE + $2))"; }
port PROXY 28; port PROXY_NTLM 29; port PROXY_NEGO 30; port PROXY_BASIC 31; port PROXY_TLS 32
port ACCEL 33; port ACCEL_TLS 34; port PROXY_WRAPPER 35; port PROXY_OPEN 36; port PROXY_LISTED 37; port PROXY_METHODS 38
port CNTLM 40
port APACHE 80; port APACHE_TLS 81; port APACHE_FILE 82; port APACHE_FILE_TLS 83
port EPA_HTTP 90; port EPA_TLS 91              # EPA_TLS: one port per certificate, 91..96
export LAB_EPA_CERTS="rsa-sha256 rsa-sha384 rsa-sha512 rsapss-sha256 ecdsa-sha256 ecdsa-sha384"

COMPONENTS="dc squid squid-wrapper apache apache-file epa cntlm"
OPTIONAL="cntlm"                               # started by name only

RUN=$LAB_DIR/run LOG=$LAB_DIR/log ETC=$LAB_DIR/etc DC=$LAB_DIR/dc HELPER=$LAB_DIR/helper
CANNOT_RUN_HERE=3                              # exit status: not Debian, or not root

say() { echo "lab: $*" >&2; }
die() { say "$*"; exit 1; }
# Debian's own Python: the one that has Samba's modules and GSSAPI.
system_python() { /usr/bin/python3 "$@"; }
environment() { system_python "$here/environment.py" "$@"; }

for address in "$LAB_IP" "$LAB_DC_IP"; do
	[[ $address =~ ^127\.[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "loopback addresses only, not $address"
done
[[ $LAB_DIR =~ ^/[^[:space:]]+$ ]] || die "LAB_DIR must be an absolute path without blanks"
