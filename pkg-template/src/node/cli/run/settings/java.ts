import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bareHost } from '../../../url.js';
import { findProgram, isFile, type RunContext, type Variables } from '../context.js';
import { gradleHome } from './gradle.js';
import { mavenSettings } from './maven.js';

/** Programs that start Java. Maven is not among them: its settings name the secret. */
const JAVA = /^(?:java|gradlew?|sbt|ant|ivy|lein|clojure|kotlin|scala)(?:\.(?:exe|cmd|bat))?$/i;

/** Java reads no proxy variable and cannot present a secret: it can use the local proxy only if that needs none. */
export function javaVariables(context: RunContext): Variables {
  const { env, proxy, trust } = context;
  const options: string[] = [];
  if (proxy.secret === undefined || proxy.admitsUser) options.push(...proxyOptions(context));
  else if (JAVA.test(context.program[0]?.split(/[\\/]/).at(-1) ?? '')) {
    context.hint('Java bypasses the local proxy because it cannot present its secret: use --no-secret');
  }
  if (trust !== undefined) {
    const store = context.files.write('certificates.jks', trustStore(defaultStore(env), trust.all()));
    options.push(`-Djavax.net.ssl.trustStore=${store}`, '-Djavax.net.ssl.trustStoreType=JKS');
  }
  const tools = { ...mavenSettings(context), ...gradleHome(context) };
  if (options.length === 0) return tools;
  return { JAVA_TOOL_OPTIONS: [env['JAVA_TOOL_OPTIONS'], ...options].filter(Boolean).join(' '), ...tools };
}

function proxyOptions({ proxy, noProxy }: RunContext): string[] {
  const exceptions = nonProxyHosts(noProxy);
  return [
    ...['http', 'https'].flatMap((scheme) => [
      `-D${scheme}.proxyHost=${proxy.host}`,
      `-D${scheme}.proxyPort=${proxy.port}`,
    ]),
    ...(exceptions === '' ? [] : [`-Dhttp.nonProxyHosts=${exceptions}`]),
  ];
}

/** NO_PROXY as Java writes it: names with `*` at an end, separated by `|`. Java knows no ranges of addresses. */
export function nonProxyHosts(noProxy: string): string {
  return noProxy
    .split(/[\s,;]+/)
    .filter((entry) => entry !== '' && !entry.includes('/'))
    .flatMap((entry) => {
      if (entry === '*') return ['*'];
      const name = bareHost(entry.replace(/:\d+$/, '')).replace(/^\*?\.+/, '');
      return /^[\d.]+$|:|\*/.test(name) ? [name] : [name, `*.${name}`];
    })
    .join('|');
}

const JKS = 0xfeedfeed;
const TRUSTED_CERTIFICATE = 2;

/**
 * A Java key store (JKS, version 2) of certificates: those of another store, and these (PEM). Its digest is over the
 * password that Java's own store has.
 */
export function trustStore(others: readonly Uint8Array[], certificates: readonly string[]): Buffer {
  const all = [...others.map((der) => Buffer.from(der)), ...certificates.flatMap(derOf)];
  const unique = [...new Map(all.map((der) => [der.toString('latin1'), der])).values()];
  const entries = unique.map((der, index) =>
    Buffer.concat([
      int32(TRUSTED_CERTIFICATE),
      text(`certificate-${index}`),
      Buffer.alloc(8),
      text('X.509'),
      sized(der),
    ]),
  );
  const content = Buffer.concat([int32(JKS), int32(2), int32(entries.length), ...entries]);
  const password = Buffer.from('changeit', 'utf16le').swap16();
  const digest = createHash('sha1').update(password).update('Mighty Aphrodite').update(content).digest();
  return Buffer.concat([content, digest]);
}

function derOf(pem: string): Buffer[] {
  try {
    return [new X509Certificate(pem).raw];
  } catch {
    return [];
  }
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function text(value: string): Buffer {
  const buffer = Buffer.alloc(2 + value.length);
  buffer.writeUInt16BE(value.length);
  buffer.write(value, 2, 'latin1');
  return buffer;
}

function sized(value: Buffer): Buffer {
  return Buffer.concat([int32(value.length), value]);
}

/** The certificates of the Java that the command would use. */
function defaultStore(env: NodeJS.ProcessEnv): Uint8Array[] {
  const set = /-Djavax\.net\.ssl\.trustStore=(\S+)/.exec(env['JAVA_TOOL_OPTIONS'] ?? '')?.[1];
  const java = findProgram('java', env);
  const homes = [env['JAVA_HOME'], java === undefined ? undefined : dirname(dirname(realpathSync(java)))];
  const stores = homes.flatMap((home) =>
    home ? ['lib', 'jre/lib'].map((lib) => join(home, lib, 'security/cacerts')) : [],
  );
  const store = [...(set === undefined ? [] : [set]), ...stores].find(isFile);
  return store === undefined ? [] : certificatesOfStore(readFileSync(store));
}

/** contentType and certificate of a PKCS #12 certBag (RFC 7292, section 4.2.3): id, then [0] { OCTET STRING }. */
const CERTIFICATE_BAG = Buffer.from('060a2a864886f70d01091601a0', 'hex');

/** Reads JKS, and PKCS #12 that is not encrypted, as Java 18 and later ship it. Anything else has no certificates for us. */
export function certificatesOfStore(store: Buffer): Uint8Array[] {
  try {
    return store.readUInt32BE(0) === JKS ? certificatesOfJks(store) : certificatesOfPkcs12(store);
  } catch {
    return [];
  }
}

function certificatesOfJks(store: Buffer): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 12;
  const skipText = (): number => (at += 2 + store.readUInt16BE(at));
  for (let left = store.readUInt32BE(8); left > 0 && store.readUInt32BE(at) === TRUSTED_CERTIFICATE; left -= 1) {
    at += 4;
    skipText();
    at += 8;
    skipText();
    const length = store.readUInt32BE(at);
    found.push(store.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

function certificatesOfPkcs12(store: Buffer): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = store.indexOf(CERTIFICATE_BAG); at !== -1; at = store.indexOf(CERTIFICATE_BAG, at + 1)) {
    const octets = derValue(store, derValue(store, at + CERTIFICATE_BAG.length - 1).start);
    found.push(store.subarray(octets.start, octets.end));
  }
  return found;
}

/** Where the value of the DER element at `at` begins and ends. */
function derValue(store: Buffer, at: number): { start: number; end: number } {
  const first = store.readUInt8(at + 1);
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const start = at + 2 + (first & 0x7f);
  return { start, end: start + store.readUIntBE(at + 2, first & 0x7f) };
}
