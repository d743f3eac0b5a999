import { join } from 'node:path';
import { findProgram, javaHomeOf, readText, type RunContext, type Variables } from '../context.js';
import { wrapper } from './wrapper.js';

/** The user name that the local proxy expects. */
const CALLER_NAME = 'ntlm-wasm';
const PROXY = /<proxy>([\s\S]*?)<\/proxy>/g;
const ADDRESS = /<(protocol|host|port|username|password)>[\s\S]*?<\/\1>/g;

/**
 * Maven: proxies in its settings file override the system properties, and unlike those they can have a password. `-s` names
 * a copy that has the local proxy. Maven 3.9 and its wrapper read MAVEN_ARGS; older versions start through a script on the
 * path.
 */
export function mavenSettings(context: RunContext): Variables {
  const { env, program, proxy, files } = context;
  const option = program.findIndex((word) => word === '-s' || word === '--settings');
  const own = readText(option > 0 ? program[option + 1] : join(javaHomeOf(env), '.m2', 'settings.xml'));
  const needsSecret = proxy.secret !== undefined && !proxy.admitsUser;
  const namesProxy = own !== undefined && own.search(PROXY) !== -1;
  if (!namesProxy && !(needsSecret && findProgram('mvn', env) !== undefined)) return {};
  const credentials = proxy.secret === undefined ? [] : [tag('username', CALLER_NAME), tag('password', proxy.secret)];
  const local = [
    tag('protocol', 'http'),
    tag('host', proxy.host),
    tag('port', String(proxy.port)),
    ...credentials,
  ].join('');
  const copy = namesProxy
    ? own.replace(PROXY, (_whole, body: string) => tag('proxy', body.replace(ADDRESS, '').trim() + local))
    : (own ?? '<settings></settings>').replace('</settings>', `<proxies>${tag('proxy', local)}</proxies></settings>`);
  const file = files.write('maven-settings.xml', copy);
  return {
    MAVEN_ARGS: [`-s ${file}`, env['MAVEN_ARGS']].filter(Boolean).join(' '),
    // Maven takes the first -s. The copy is of the file that the command names, if it names one.
    ...wrapper(context, 'mvn', ['-s', file], option > 0 ? [] : ['-s', '--settings']),
  };
}

function tag(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}
