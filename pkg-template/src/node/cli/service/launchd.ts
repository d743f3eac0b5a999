import { homedir } from 'node:os';
import { posix } from 'node:path';
import type { ServiceManager, ServiceProgram } from './types.js';

export const LABEL = 'ntlm-wasm.proxy';

/** An agent of the user's own domain (launchd.plist(5)). */
export function createLaunchd({ program, args, env }: ServiceProgram): ServiceManager {
  const home = env['HOME'] || homedir();
  const path = posix.join(home, 'Library/LaunchAgents', `${LABEL}.plist`);
  const log = posix.join(home, 'Library/Logs/ntlm-wasm.log');
  const domain = `gui/${process.getuid?.() ?? 501}`;
  const words = [...program, ...args].map((word) => `    <string>${xml(word)}</string>`).join('\n');
  const content = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${words}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ProcessType</key>
  <string>Background</string>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  <string>${xml(log)}</string>
</dict>
</plist>
`;
  const service = `${domain}/${LABEL}`;
  return {
    name: 'launchd',
    file: { path, content },
    replace: [['launchctl', 'bootout', service]],
    install: [['launchctl', 'bootstrap', domain, path]],
    uninstall: [['launchctl', 'bootout', service]],
    start: [['launchctl', 'kickstart', service]],
    stop: [['launchctl', 'kill', 'SIGTERM', service]],
    restart: [['launchctl', 'kickstart', '-k', service]],
    status: ['launchctl', 'print', service],
    logs: { file: log },
  };
}

export function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
