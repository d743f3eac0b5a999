# Starting, watching and stopping daemons, by recorded pid and start time only.
#
# A pid file holds "pid starttime"; the start time (field 22 of /proc/PID/stat) shows the
# process we started from a later one that got the same number.

starttime() { local s; s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; set -- ${s##*) }; echo "${20}"; }
same() { [ "$(starttime "$1" || true)" = "$2" ]; }          # PID STARTTIME: is it still that process?
state_of() { local s; s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; set -- ${s##*) }; echo "$1"; }
alive() {                                                   # NAME
	local pid st
	[ -f "$RUN/$1.pid" ] || return 1
	read -r pid st <"$RUN/$1.pid" || return 1
	same "$pid" "$st" && [ "$(state_of "$pid" || echo Z)" != Z ]
}

# start NAME [VAR=VALUE...] COMMAND...: own session, no inherited descriptors, output to the log
start() {
	local name=$1; shift
	(
		local fd
		for fd in /proc/"$BASHPID"/fd/*; do
			fd=${fd##*/}
			[ "$fd" -le 2 ] || eval "exec $fd>&-" 2>/dev/null || true
		done
		cd "$RUN"
		exec env "$@" </dev/null >>"$LOG/$name.out" 2>&1
	) &
	local pid=$!
	echo "$pid $(starttime "$pid")" >"$RUN/$name.pid"
	disown "$pid" 2>/dev/null || true
}

descendants() {                                             # PID -> "pid starttime" lines, children first
	local child
	for child in $(ps -o pid= --ppid "$1" 2>/dev/null); do
		descendants "$child"
	done
	local st; st=$(starttime "$1") && echo "$1 $st"
	return 0
}

# Which of the "pid starttime" lines on stdin are still those processes? Prints the pids.
survivors() {
	local p st
	while read -r p st; do
		if [ -n "$p" ] && same "$p" "$st" && [ "$(state_of "$p" || echo Z)" != Z ]; then echo "$p"; fi
	done
}

# stop NAME: TERM to the main process; whatever it leaves behind gets TERM after 5 seconds
# and KILL after 8. By pid only, and only pids that are still the process they were.
stop() {
	local name=$1 pid st tree i left
	[ -f "$RUN/$name.pid" ] || return 0
	if alive "$name"; then
		read -r pid st <"$RUN/$name.pid"
		tree=$(descendants "$pid")
		kill -TERM "$pid" 2>/dev/null || true
		for i in $(seq 80); do
			left=$(survivors <<<"$tree")
			[ -n "$left" ] || break
			if [ "$i" = 50 ]; then
				for pid in $left; do kill -TERM "$pid" 2>/dev/null || true; done
			fi
			sleep 0.1
		done
		for pid in $(survivors <<<"$tree"); do
			say "$name: pid $pid needs KILL"
			kill -KILL "$pid" 2>/dev/null || true
		done
	fi
	rm -f "$RUN/$name.pid"
}

open_port() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }     # IP PORT
wait_port() {                                               # NAME IP PORT [SECONDS]
	local i
	for i in $(seq $((${4:-20} * 10))); do
		open_port "$2" "$3" && return 0
		alive "$1" || { tail -n 20 "$LOG/$1.out" >&2 || true; die "$1 ended, see $LOG/"; }
		sleep 0.1
	done
	die "$1 does not listen on $2:$3, see $LOG/"
}
free_port() { ! open_port "$1" "$2" || die "$1:$2 is taken by another process"; }

# fill TEMPLATE OUTPUT [NAME=VALUE...]: replace @NAME@, with the LAB_P_* ports known as @P_*@
fill() {
	local in=$1 out=$2; shift 2
	local text name value pair
	text=$(cat "$here/templates/$in"; echo x); text=${text%x}
	local -a pairs=("$@" "IP=$LAB_IP" "DC_IP=$LAB_DC_IP" "DOMAIN=$LAB_DOMAIN" "REALM=$LAB_REALM"
		"REALM_LC=${LAB_REALM,,}" "CA=$LAB_CA" "RUN=$RUN" "LOG=$LOG" "HELPER=$HELPER"
		"ETC=$ETC" "KEYTAB=$ETC/http.keytab" "STATE=$DC")
	for name in ${!LAB_P_*}; do pairs+=("${name#LAB_}=${!name}"); done
	for pair in "${pairs[@]}"; do
		name=${pair%%=*} value=${pair#*=}
		text=${text//"@$name@"/"$value"}
	done
	printf '%s' "$text" >"$out"
}
