# The Active Directory domain: provisioning, the domain controller, and the switches tests use on it.

samba_tool() { samba-tool "$@" --configfile="$DC/etc/smb.conf"; }
admin_password() { environment password administrator; }

provision() {
	[ -f "$DC/complete" ] && return 0
	say "provisioning the domain $LAB_REALM"
	rm -rf "$DC"; mkdir -p "$DC/etc" "$DC/private"
	local option args=() conf_xattr=
	while read -r option; do
		args+=("--option=$option"); conf_xattr+=$'\t'"${option/=/ = }"$'\n'
	done < <(acl_storage)
	# An empty configuration, or samba-tool would start from the system's /etc/samba/smb.conf.
	echo "[global]" >"$DC/etc/empty.conf"
	samba-tool domain provision --configfile="$DC/etc/empty.conf" --targetdir="$DC" \
		--realm="$LAB_REALM" --domain="$LAB_DOMAIN" --server-role=dc --host-name=dc1 --host-ip="$LAB_DC_IP" \
		--adminpass="$(admin_password)" --dns-backend=SAMBA_INTERNAL \
		--option="interfaces=$LAB_DC_IP/8" --option="bind interfaces only=yes" \
		${args[@]+"${args[@]}"} >"$LOG/provision.log" 2>&1 ||
		{ tail -n 20 "$LOG/provision.log" >&2; die "provision failed"; }
	mkdir -p "$DC"/{lock,cache,run,ncalrpc,bind-dns}
	printf '\tntlm auth = ntlmv2-only\n' >"$DC/etc/ntlm-auth.conf"
	fill smb-dc.conf.in "$DC/etc/smb.conf" "XATTR=$conf_xattr"
	seed_accounts
	# winbindd insists on exactly this owner and mode for its privileged socket.
	mkdir -p "$DC/state/winbindd_privileged"
	chown root:winbindd_priv "$DC/state/winbindd_privileged"; chmod 750 "$DC/state/winbindd_privileged"
	touch "$DC/complete"
}

# Can the file system keep Samba's NT ACLs (security.* attributes)? Not in an unprivileged
# container; then Samba keeps them in a database file.
acl_storage() {
	local probe=$DC/.xattr-probe
	: >"$probe"
	if ! system_python -c 'import os,sys; os.setxattr(sys.argv[1], "security.NTACL", b"x")' "$probe" 2>/dev/null; then
		echo "vfs objects=dfs_samba4 acl_xattr xattr_tdb"
		echo "xattr_tdb:file=$DC/private/xattr.tdb"
	fi
	rm -f "$probe"
}

seed_accounts() {
	local h spns=()
	for h in $LAB_SPN_HOSTS; do spns+=("HTTP/$h"); done
	system_python "$here/seed_ad.py" "$DC/etc/smb.conf" "$here/users.json" "${spns[@]}" >>"$LOG/provision.log" 2>&1 ||
		{ tail -n 20 "$LOG/provision.log" >&2; die "creating the users failed"; }
	rm -f "$ETC/http.keytab"
	for h in "${spns[@]}"; do
		samba_tool domain exportkeytab "$ETC/http.keytab" --principal="$h" >>"$LOG/provision.log" 2>&1
	done
	chgrp winbindd_priv "$ETC/http.keytab"; chmod 640 "$ETC/http.keytab"
}

up_dc() {
	local p
	for p in 53 88 135 389 445; do free_port "$LAB_DC_IP" $p; done
	# A winbindd of the machine's own would be in the way: one socket directory for all.
	if wbinfo -p >/dev/null 2>&1; then die "another winbindd runs on this machine: stop it, or use its LAB_DIR"; fi
	provision
	mkdir -p /run/samba
	start dc setsid samba -F --no-process-group --configfile="$DC/etc/smb.conf"
	for p in 445 389 88; do wait_port dc "$LAB_DC_IP" $p 40; done
	local i ok=
	for i in $(seq 300); do
		if wbinfo --ping-dc >/dev/null 2>&1; then ok=1; break; fi
		sleep 0.1
	done
	[ -n "$ok" ] || die "winbind does not answer, see $LOG/"
	add_dns_names
}

add_dns_names() {
	[ ! -f "$DC/dns-done" ] || return 0
	local p
	for p in www proxy; do
		samba_tool dns add "$LAB_DC_IP" "${LAB_REALM,,}" $p A "$LAB_IP" -U "Administrator%$(admin_password)" \
			>>"$LOG/provision.log" 2>&1 || die "DNS record $p failed, see $LOG/provision.log"
	done
	touch "$DC/dns-done"
}

# A dead winbind socket would make the next start think that another winbindd runs. Only if
# no process answers there: another winbindd may own it by now.
clear_winbind_socket() {
	wbinfo -p >/dev/null 2>&1 || { rm -f /run/samba/winbindd/pipe; rmdir /run/samba/winbindd 2>/dev/null || true; }
}

# ----------------------------------------------------------------------------- for tests

name_of() { environment name "$1"; }

cmd_ntlmv1() {
	local conf=$DC/etc/ntlm-auth.conf want
	case ${1:-status} in
	on) want=ntlmv1-permitted ;;
	off) want=ntlmv2-only ;;
	status) cat "$conf"; return ;;
	*) die "lab ntlmv1 on|off|status" ;;
	esac
	printf '\tntlm auth = %s\n' $want >"$conf"
	alive dc || return 0
	smbcontrol --configfile="$DC/etc/smb.conf" all reload-config
	# The reload is asynchronous: wait until an NTLMv1 log-on behaves as wanted.
	local i now pw; pw=$(environment password alice)
	for i in $(seq 50); do
		if wbinfo --ntlmv1 -a "$LAB_DOMAIN\\alice%$pw" 2>/dev/null | grep -q '^challenge/response.*succeeded'; then now=ntlmv1-permitted; else now=ntlmv2-only; fi
		[ $now = $want ] && { say "ntlm auth = $want"; return 0; }
		sleep 0.1
	done
	die "the domain controller did not take ntlm auth = $want"
}

cmd_kinit() {
	local key=${1:-alice} name; name=$(name_of "$key")
	environment password "$key" |
		KRB5_CONFIG=$ETC/krb5.conf kinit -c "FILE:$RUN/cc.$key" "$name@$LAB_REALM" >/dev/null
	echo "export KRB5_CONFIG=$ETC/krb5.conf KRB5CCNAME=FILE:$RUN/cc.$key"
}

cmd_sso() {
	local key=${1:-alice} name; name=$(name_of "$key")
	wbinfo --ccache-save="$LAB_DOMAIN\\$name%$(environment password "$key")"
}

cmd_badpwd() {
	ldbsearch -H "$DC/private/sam.ldb" "(sAMAccountName=$(name_of "$1"))" badPwdCount 2>/dev/null |
		awk '/^badPwdCount:/ {n = $2} END {print n + 0}'
}

cmd_unlock() { samba_tool user unlock "$(name_of "$1")"; }
