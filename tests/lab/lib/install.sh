# What the lab needs on the machine: Debian packages, and one Python environment that serves
# the EPA server and the Python clients of the tests.

PACKAGES="samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind
 ldb-tools smbclient krb5-user squid apache2 libapache2-mod-auth-gssapi gss-ntlmssp cntlm
 python3 python3-venv python3-gssapi curl openssl iproute2 procps media-types"

need_debian_root() {
	[ "$(id -u)" = 0 ] || { say "needs root (Samba's domain controller binds low ports)"; exit $CANNOT_RUN_HERE; }
	command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
		{ say "needs Debian: its packages of Samba, Squid and Apache are what the lab is made of"; exit $CANNOT_RUN_HERE; }
}

install_missing() {
	install_debian
	install_python
}

install_debian() {
	local missing=() p
	for p in $PACKAGES "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null)" = "ii " ] || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing ${#missing[@]} Debian packages"
	local apt=(apt-get -o DPkg::Lock::Timeout=900 -q -y)
	export DEBIAN_FRONTEND=noninteractive
	# The packages must not start their own daemons: policy-rc.d is Debian's switch for that.
	local guard=
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		guard=/usr/sbin/policy-rc.d
		printf '#!/bin/sh\nexit 101\n' >"$guard"; chmod 755 "$guard"
		# shellcheck disable=SC2064
		trap "rm -f '$guard'" EXIT
	fi
	if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" >"$LOG/apt.log" 2>&1; then
		say "trying once more with fresh package lists"
		apt-get -q update >>"$LOG/apt.log" 2>&1 || true
		"${apt[@]}" install --no-install-recommends "${missing[@]}" >>"$LOG/apt.log" 2>&1 ||
			{ tail -n 20 "$LOG/apt.log" >&2; die "apt-get failed, see $LOG/apt.log"; }
	fi
	[ -z "$guard" ] || rm -f "$guard"
	trap - EXIT
}

install_python() {
	local stamp=$LAB_DIR/python/requirements.txt
	cmp -s "$here/requirements.txt" "$stamp" && return 0
	say "installing Python packages"
	# With the system's packages: python3-gssapi, the binding of the C library, comes from Debian.
	system_python -m venv --system-site-packages "$LAB_DIR/python"
	"$LAB_PYTHON" -m pip install -q --disable-pip-version-check -r "$here/requirements.txt" >"$LOG/pip.log" 2>&1 ||
		{ tail -n 20 "$LOG/pip.log" >&2; die "pip failed, see $LOG/pip.log"; }
	cp "$here/requirements.txt" "$stamp"
}
