import { delimiter, join } from 'node:path';
import { homeOf, isFile, readText, type RunContext, type Variables, withoutLines } from '../context.js';

/**
 * Programs whose settings files beat the proxy variables. Each gets a copy of the user's file without what names a proxy, so
 * that the variables count. A file that names none stays where it is.
 */

const CURL_PROXY =
  /^\s*(?:-[xU]|(?:--)?(?:proxy|proxy-(?:user|anyauth|basic|digest|negotiate|ntlm)|proxy1\.0|preproxy|socks(?:4a?|5|5-hostname|5-basic|5-gssapi))(?=[\s=:]|$))/;
const CURL_CERTIFICATES = /^\s*(?:--)?cacert[\s=:]+"?([^"\n]*?)"?\s*$/m;

export function curlSettings({ env, files, trust }: RunContext): Variables {
  const home = homeOf(env);
  const configuration = env['XDG_CONFIG_HOME'] ?? join(home, '.config');
  const places = [
    ...[env['CURL_HOME'], env['XDG_CONFIG_HOME'], home].flatMap((folder) => (folder ? [join(folder, '.curlrc')] : [])),
    join(configuration, 'curlrc'),
    ...(env['APPDATA'] ? [join(env['APPDATA'], '.curlrc'), join(env['APPDATA'], '_curlrc')] : []),
  ];
  const own = readText(places.find(isFile));
  if (own === undefined) return {};
  const certificates = CURL_CERTIFICATES.exec(own)?.[1];
  const replaced = trust !== undefined && certificates !== undefined;
  if (!replaced && !own.split('\n').some((line) => CURL_PROXY.test(line))) return {};
  const trusted = replaced ? own.replace(CURL_CERTIFICATES, `cacert = "${trust.bundle(certificates)}"`) : own;
  files.write('curl/.curlrc', withoutLines(trusted, CURL_PROXY));
  return { CURL_HOME: join(files.path, 'curl') };
}

/** wget ignores case, `-` and `_` in names. */
const WGET_PROXY = /^\s*(?:(?:https?|ftp)[-_]?proxy|use[-_]?proxy|proxy[-_]?(?:user|passw(?:or)?d))\s*=/i;
const WGET_CERTIFICATES = /^\s*ca[-_]?certificate\s*=\s*(.*?)\s*$/im;

export function wgetSettings({ env, files, trust, proxy }: RunContext): Variables {
  const own = readText(env['WGETRC'] || join(homeOf(env), '.wgetrc')) ?? '';
  const all = `${own}\n${readText('/etc/wgetrc') ?? ''}`;
  const namesProxy = all.split('\n').some((line) => WGET_PROXY.test(line));
  if (!namesProxy && trust === undefined) return {};
  const lines = [withoutLines(own, WGET_PROXY)];
  // The file of the system is read too, and first.
  if (namesProxy) lines.push('use_proxy = on\n', `http_proxy = ${proxy.url}\n`, `https_proxy = ${proxy.url}\n`);
  if (trust !== undefined) {
    const certificates = WGET_CERTIFICATES.exec(all)?.[1] ?? env['SSL_CERT_FILE'];
    lines.push(`ca_certificate = ${trust.bundle(certificates)}\n`);
  }
  return { WGETRC: files.write('wgetrc', lines.join('')) };
}

/** Mercurial: one more file, after all others. */
export function mercurialSettings({ env, files, trust }: RunContext): Variables {
  const home = homeOf(env);
  const configuration = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const usual = ['/etc/mercurial/hgrc', '/etc/mercurial/hgrc.d', join(home, '.hgrc'), join(home, 'mercurial.ini')];
  const others = env['HGRCPATH'] ?? [...usual, join(configuration, 'hg', 'hgrc')].join(delimiter);
  const text = others
    .split(delimiter)
    .map((file) => readText(file) ?? '')
    .join('\n');
  const lines: string[] = [];
  // An empty host leaves it to http_proxy.
  if (/^\s*\[http_proxy\]/m.test(text)) lines.push('[http_proxy]', 'host =');
  if (trust !== undefined) {
    const certificates = /^\s*cacerts\s*=\s*(.*?)\s*$/m.exec(text)?.[1] ?? env['SSL_CERT_FILE'];
    lines.push('[web]', `cacerts = ${trust.bundle(certificates)}`);
  }
  if (lines.length === 0) return {};
  return { HGRCPATH: `${others}${delimiter}${files.write('hgrc', `${lines.join('\n')}\n`)}` };
}

const R_PROXY = /^\s*(?:export\s+)?(?:https?|ftp|all)_proxy\s*=/i;

/** R: its file of variables beats the environment. */
export function rSettings({ env, files }: RunContext): Variables {
  const own = readText(env['R_ENVIRON_USER'] ?? join(homeOf(env), '.Renviron'));
  if (own === undefined || !own.split('\n').some((line) => R_PROXY.test(line))) return {};
  return { R_ENVIRON_USER: files.write('Renviron', withoutLines(own, R_PROXY)) };
}

/** PHP has no variable for certificates, but one for folders with more settings. */
export function phpSettings({ env, files, trust }: RunContext): Variables {
  if (trust === undefined) return {};
  const bundle = trust.bundle(env['SSL_CERT_FILE']);
  files.write('php/ntlm-wasm.ini', `curl.cainfo="${bundle}"\nopenssl.cafile="${bundle}"\n`);
  // An empty entry is the folder that was compiled in.
  return { PHP_INI_SCAN_DIR: `${env['PHP_INI_SCAN_DIR'] ?? ''}${delimiter}${join(files.path, 'php')}` };
}
