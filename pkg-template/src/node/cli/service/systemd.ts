import { homedir } from 'node:os';
import { posix } from 'node:path';
import type { ServiceFile, ServiceManager, ServiceProgram } from './types.js';

export const UNIT = 'ntlm-wasm.service';

/** These work everywhere. `MemoryDenyWriteExecute` must not be among them: V8 compiles to memory that it then runs. */
const ALWAYS = `UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM`;

/**
 * These need a user namespace. Without PrivateUsers a user manager ignores ProtectSystem, ProtectHome and PrivateTmp without
 * a word, and fails for the others (218/CAPABILITIES).
 */
const IN_NAMESPACE = `PrivateUsers=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes`;

/** A unit of the user's own manager (systemd.unit(5)). */
export function createSystemd({ program, args, env }: ServiceProgram): ServiceManager {
  const folder = env['XDG_CONFIG_HOME'];
  const config = folder?.startsWith('/') === true ? folder : posix.join(env['HOME'] || homedir(), '.config');
  const path = posix.join(config, 'systemd/user', UNIT);
  const unit = (hardening: string): ServiceFile => ({
    path,
    content: `[Unit]
Description=Local authenticating proxy (ntlm-wasm)
Documentation=https://www.npmjs.com/package/ntlm-wasm
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=exec
ExecStart=${[...program, ...args].map(word).join(' ')}
ExecReload=/bin/sh -c "kill -HUP $MAINPID"
EnvironmentFile=-%E/ntlm-wasm/environment
Restart=on-failure
RestartSec=2
TimeoutStopSec=10
MemoryMax=512M
TasksMax=64
${hardening}

[Install]
WantedBy=default.target
`,
  });
  const systemctl = (...words: string[]): string[] => ['systemctl', '--user', ...words];
  return {
    name: 'systemd',
    reachable: systemctl('show-environment'),
    file: unit(`${ALWAYS}\n${IN_NAMESPACE}`),
    plain: unit(ALWAYS),
    probe: ['systemd-run', '--user', '--wait', '-q', '-p', 'PrivateUsers=yes', 'true'],
    // A service that runs already is restarted with the new unit.
    install: [systemctl('daemon-reload'), systemctl('enable', UNIT), systemctl('restart', UNIT)],
    uninstall: [systemctl('disable', '--now', UNIT)],
    start: [systemctl('start', UNIT)],
    stop: [systemctl('stop', UNIT)],
    restart: [systemctl('restart', UNIT)],
    status: systemctl('status', '--no-pager', UNIT),
    logs: ['journalctl', '--user', '--no-pager', '-n', '200', '-u', UNIT],
  };
}

/** One word of ExecStart: quotes, and no specifier or variable in it. */
function word(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[A-Za-z0-9_./:=@+,-]+$/.test(text) ? text : `"${escaped}"`;
}
