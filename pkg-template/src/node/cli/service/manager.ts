import { createLaunchd } from './launchd.js';
import { createSystemd } from './systemd.js';
import { createTaskScheduler } from './windows.js';
import type { ServiceManager, ServiceProgram } from './types.js';

export type { CommandLine, ServiceManager } from './types.js';

/** The service manager of this system, if there is one that this knows. */
export function serviceManager(
  program: ServiceProgram,
  platform: NodeJS.Platform = process.platform,
): ServiceManager | undefined {
  if (platform === 'win32') return createTaskScheduler(program);
  if (platform === 'darwin') return createLaunchd(program);
  return platform === 'linux' ? createSystemd(program) : undefined;
}
