import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { javaHomeOf, readText, type RunContext, type Variables } from '../context.js';

const PROXY = /^\s*systemProp\.https?\.proxy(?:Host|Port|User|Password)\s*[=:]/;

/** Folders that outlive a build. */
const KEPT = ['caches', 'daemon', 'init.d', 'jdks', 'native', 'notifications', 'wrapper'];

/**
 * Gradle: system properties in gradle.properties override those of Java, and the user's home overrides the project. The
 * command gets a separate home with links to the user's folders and a new gradle.properties.
 */
export function gradleHome({ env, files, proxy }: RunContext): Variables {
  const home = env['GRADLE_USER_HOME'] || join(javaHomeOf(env), '.gradle');
  const own = readText(join(home, 'gradle.properties')) ?? '';
  const project = readText('gradle.properties') ?? '';
  if (![...own.split('\n'), ...project.split('\n')].some((line) => PROXY.test(line))) return {};
  const settings = ['http', 'https'].flatMap((scheme) => [
    `systemProp.${scheme}.proxyHost=${proxy.host}`,
    `systemProp.${scheme}.proxyPort=${proxy.port}`,
    `systemProp.${scheme}.proxyUser=${proxy.secret === undefined ? '' : new URL(proxy.url).username}`,
    `systemProp.${scheme}.proxyPassword=${proxy.secret ?? ''}`,
  ]);
  const kept = own.split('\n').filter((line) => !PROXY.test(line));
  files.write('gradle/gradle.properties', `${[...kept, ...settings].join('\n')}\n`);
  for (const name of KEPT) mkdirSync(join(home, name), { recursive: true });
  for (const name of readdirSync(home)) {
    if (name !== 'gradle.properties') symlinkSync(join(home, name), join(files.path, 'gradle', name), 'junction');
  }
  return { GRADLE_USER_HOME: join(files.path, 'gradle') };
}
