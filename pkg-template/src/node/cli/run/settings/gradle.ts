import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { javaHomeOf, readText, type RunContext, type Variables } from '../context.js';

const PROXY = /^\s*systemProp\.https?\.proxy(?:Host|Port|User|Password)\s*[=:]/;

/** Folders in which Gradle keeps what outlives a build. */
const KEPT = ['caches', 'daemon', 'init.d', 'jdks', 'native', 'notifications', 'wrapper'];

/**
 * Gradle: system properties of gradle.properties beat those of Java, and those of the user's home beat those of a project.
 * The command gets a home of links to the user's, with a file of its own.
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
