import { homedir } from 'node:os';
import { win32 } from 'node:path';
import { xml } from './launchd.js';
import type { ServiceManager, ServiceProgram } from './types.js';

export const TASK = 'ntlm-wasm proxy';

/** A scheduled task at log-on (Task Scheduler schema 1.2). */
export function createTaskScheduler({ program, args, env }: ServiceProgram): ServiceManager {
  const folder = win32.join(env['LOCALAPPDATA'] || win32.join(homedir(), 'AppData', 'Local'), 'ntlm-wasm');
  const log = win32.join(folder, 'proxy.log');
  const system = win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32');
  // node is a console program: without this host its window would stay on the desktop.
  const words = ['--headless', ...program, ...args, '--log-file', log];
  const user = [env['USERDOMAIN'], env['USERNAME']].filter(Boolean).join('\\');
  const content = `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Local authenticating proxy (ntlm-wasm)</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>${xml(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${xml(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>5</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xml(win32.join(system, 'conhost.exe'))}</Command>
      <Arguments>${xml(words.map(quoted).join(' '))}</Arguments>
      <WorkingDirectory>${xml(folder)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`;
  const path = win32.join(folder, 'task.xml');
  const schtasks = (...more: string[]): string[] => [win32.join(system, 'schtasks.exe'), ...more, '/TN', TASK];
  return {
    name: 'Task Scheduler',
    // schtasks reads UTF-16 with a byte order mark.
    file: { path, content: Buffer.from(`\ufeff${content}`, 'utf16le') },
    replace: [schtasks('/End')],
    install: [schtasks('/Create', '/F', '/XML', path), schtasks('/Run')],
    uninstall: [schtasks('/End'), schtasks('/Delete', '/F')],
    start: [schtasks('/Run')],
    stop: [schtasks('/End')],
    restart: [schtasks('/End'), schtasks('/Run')],
    status: schtasks('/Query', '/V', '/FO', 'LIST'),
    logs: { file: log },
  };
}

/** So that the program's own reading of its command line gives the argument back. */
function quoted(argument: string): string {
  if (argument !== '' && !/[\s"]/.test(argument)) return argument;
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`;
}
