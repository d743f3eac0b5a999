# The files that the daemons share: folders, certificates, documents, host names.

prepare() {
	mkdir -p "$RUN/squid" "$RUN/apache" "$RUN/apache-file" "$RUN/rcache" \
		"$LOG/squid" "$LOG/apache" "$LOG/apache-file" "$ETC" \
		"$HELPER"/{private,state,cache,lock,run} "$LAB_DIR"/{www,root}
	chmod 711 "$LAB_DIR" "$RUN" "$LOG"
	chown -R proxy:winbindd_priv "$RUN/squid" "$LOG/squid" "$HELPER"
	chown www-data:winbindd_priv "$RUN/apache" "$RUN/apache-file"
	chmod 1777 "$RUN/rcache"
	make_certificates
	make_documents
	fill krb5.conf.in "$ETC/krb5.conf"
	fill smb-helper.conf.in "$HELPER/smb.conf"
	# names for Squid, besides the domain controller's DNS; the machine's resolver is not changed
	printf '%s\tlocalhost www.%s proxy.%s\n' "$LAB_IP" "${LAB_REALM,,}" "${LAB_REALM,,}" >"$ETC/hosts"
	environment ntlm-user-file >"$ETC/ntlm-users"
}

# Two test CAs (RSA and EC: the issuer's key decides the signature algorithm of a
# certificate) in one bundle, and a server certificate per signature algorithm.
make_certificates() {
	[ -f "$LAB_CA/complete" ] && return 0
	say "making certificates"
	rm -rf "$LAB_CA"; mkdir -p "$LAB_CA"
	(
		cd "$LAB_CA"
		exec 2>"$LOG/ca.log"
		make_ca rsa rsa:2048
		make_ca ec ec -pkeyopt ec_paramgen_curve:P-256
		cat ca-rsa.crt ca-ec.crt >ca.crt
		cat >leaf.ext <<-EXT
			subjectAltName=DNS:localhost,DNS:www.${LAB_REALM,,},DNS:proxy.${LAB_REALM,,},DNS:dc1.${LAB_REALM,,},IP:$LAB_IP,IP:$LAB_DC_IP
			basicConstraints=CA:FALSE
			extendedKeyUsage=serverAuth
		EXT
		local leaf
		for leaf in $LAB_EPA_CERTS dc-sha256; do make_leaf "$leaf"; done
		mv dc-sha256.crt dc.crt; mv dc-sha256.key dc.key
		rm -f ./*.csr dc-sha256.chain leaf.ext
		chmod 600 ./*.key
		touch complete
	) || { tail -n 5 "$LOG/ca.log" >&2; die "certificates failed"; }
}

make_ca() {                                                 # NAME NEWKEY-ARGUMENTS...
	local name=$1; shift
	openssl req -x509 -newkey "$@" -nodes -keyout "ca-$name.key" -out "ca-$name.crt" -days 3650 \
		-subj "/CN=NTLM lab test CA ($name)" -addext basicConstraints=critical,CA:TRUE \
		-addext keyUsage=critical,keyCertSign,cRLSign
}

make_leaf() {                                               # NAME, such as rsapss-sha256
	local leaf=$1 ca=rsa key=(rsa:2048) padding=()
	case $leaf in
	ecdsa-*) ca=ec; key=(ec -pkeyopt ec_paramgen_curve:P-256) ;;
	rsapss-*) padding=(-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1) ;;
	esac
	openssl req -new -newkey "${key[@]}" -nodes -keyout "$leaf.key" -out "$leaf.csr" -subj /CN=localhost
	openssl x509 -req -in "$leaf.csr" -CA "ca-$ca.crt" -CAkey "ca-$ca.key" -CAcreateserial -days 3650 \
		"-${leaf#*-}" "${padding[@]}" -extfile leaf.ext -out "$leaf.crt"
	cat "$leaf.crt" "ca-$ca.crt" >"$leaf.chain"
}

make_documents() {
	local d=$LAB_DIR/www p
	[ -f "$d/complete" ] && return 0
	for p in . ntlm both krb; do
		mkdir -p "$d/$p"
		echo "lab origin: $p" >"$d/$p/index.html"
		head -c 1024 /dev/zero >"$d/$p/1k.bin"
	done
	truncate -s 1G "$d/1g.bin"                               # sparse: takes no disk
	ln -f "$d/1g.bin" "$d/ntlm/1g.bin"; ln -f "$d/1g.bin" "$d/both/1g.bin"
	touch "$d/complete"
}
