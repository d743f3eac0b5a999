# The proxies and servers in front of the domain: how each is started and where it listens.

need_dc() { alive dc || die "$1 needs the component dc"; }

with_kerberos() { start "$1" KRB5_CONFIG="$ETC/krb5.conf" KRB5RCACHEDIR="$RUN/rcache" "${@:2}"; }

up_squid() {
	need_dc squid; free_port "$LAB_IP" "$LAB_P_PROXY"
	fill squid.conf.in "$ETC/squid.conf"
	with_kerberos squid setsid squid -N -f "$ETC/squid.conf"
}

up_squid-wrapper() {
	need_dc squid-wrapper; free_port "$LAB_IP" "$LAB_P_PROXY_WRAPPER"
	fill squid-wrapper.conf.in "$ETC/squid-wrapper.conf"
	with_kerberos squid-wrapper setsid squid -N -f "$ETC/squid-wrapper.conf"
}

httpd() {                                                   # NAME PORT TLS-PORT [VAR=VALUE]
	free_port "$LAB_IP" "$2"
	fill httpd.conf.in "$ETC/$1.conf" "NAME=$1" "ROOT=$LAB_DIR/root" "WWW=$LAB_DIR/www" "P_HTTP=$2" "P_HTTPS=$3"
	with_kerberos "$1" KRB5_KTNAME="$ETC/http.keytab" "${@:4}" setsid apache2 -DFOREGROUND -f "$ETC/$1.conf"
}
up_apache() { need_dc apache; httpd apache "$LAB_P_APACHE" "$LAB_P_APACHE_TLS"; }
up_apache-file() { httpd apache-file "$LAB_P_APACHE_FILE" "$LAB_P_APACHE_FILE_TLS" NTLM_USER_FILE="$ETC/ntlm-users"; }

up_epa() {
	free_port "$LAB_IP" "$LAB_P_EPA_HTTP"
	local cert p=$LAB_P_EPA_TLS args=(--listen "http,$LAB_IP:$LAB_P_EPA_HTTP")
	for cert in $LAB_EPA_CERTS; do
		args+=(--listen "$cert,$LAB_IP:$p,$LAB_CA/$cert.chain,$LAB_CA/$cert.key"); p=$((p + 1))
	done
	# From a copy: the lab outlives the checkout that started it, and the server starts helpers from its own files.
	rm -rf "$LAB_DIR/epa"; cp -r "$here/epa" "$LAB_DIR/epa"
	with_kerberos epa NTLM_USER_FILE="$ETC/ntlm-users" KRB5_KTNAME="$ETC/http.keytab" \
		setsid "$LAB_PYTHON" "$LAB_DIR/epa/server.py" "${args[@]}" --smb-conf "$HELPER/smb.conf" --log "$LOG/epa.jsonl"
}

up_cntlm() {
	free_port "$LAB_IP" "$LAB_P_CNTLM"
	fill cntlm.conf.in "$ETC/cntlm.conf" USER=alice "PASSWORD=$(environment password alice)"
	chmod 600 "$ETC/cntlm.conf"
	start cntlm setsid cntlm -f -c "$ETC/cntlm.conf"
}

ports_of() {                                                # NAME -> "ip port" lines
	local p i=0
	case $1 in
	dc) for p in 53 88 389 445; do echo "$LAB_DC_IP $p"; done ;;
	squid) for p in PROXY PROXY_NTLM PROXY_NEGO PROXY_BASIC PROXY_TLS ACCEL ACCEL_TLS PROXY_OPEN PROXY_LISTED PROXY_METHODS; do p=LAB_P_$p; echo "$LAB_IP ${!p}"; done ;;
	squid-wrapper) echo "$LAB_IP $LAB_P_PROXY_WRAPPER" ;;
	apache) echo "$LAB_IP $LAB_P_APACHE"; echo "$LAB_IP $LAB_P_APACHE_TLS" ;;
	apache-file) echo "$LAB_IP $LAB_P_APACHE_FILE"; echo "$LAB_IP $LAB_P_APACHE_FILE_TLS" ;;
	epa) echo "$LAB_IP $LAB_P_EPA_HTTP"; for p in $LAB_EPA_CERTS; do echo "$LAB_IP $((LAB_P_EPA_TLS + i))"; i=$((i + 1)); done ;;
	cntlm) echo "$LAB_IP $LAB_P_CNTLM" ;;
	esac
}
