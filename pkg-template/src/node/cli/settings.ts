import type { OptionSpec, OptionSpecs } from './command.js';

/** An option that can also come from a variable or from the configuration file, where its key is the option's name. */
export interface Setting extends OptionSpec {
  /** The environment variable of the same meaning. */
  readonly variable?: string;
  /** What holds if nothing sets it, in words. */
  readonly default?: string;
  /** Meaningless in a file: the option belongs to one call. */
  readonly onlyOnCommandLine?: boolean;
  /** Which part of the value is hidden when it is printed. */
  readonly hides?: 'password' | 'value' | 'everything';
}

const TABLE = {
  config: {
    type: 'string',
    value: 'FILE',
    variable: 'NTLM_WASM_CONFIG',
    onlyOnCommandLine: true,
    help: 'the configuration file; without it the usual place of the platform is tried',
  },
  proxy: {
    type: 'string',
    short: 'x',
    value: 'URL',
    variable: 'NTLM_PROXY',
    default: 'system',
    hides: 'password',
    help: 'the proxy: http://host:port, "PROXY a:8080; DIRECT", several in order as "a:8080, b:8080", a PAC file, direct, environment, or system, which is the default: HTTPS_PROXY and its kin, then the settings of the operating system',
  },
  user: {
    type: 'string',
    short: 'u',
    value: 'NAME',
    variable: 'NTLM_USERNAME',
    help: 'user name, also DOMAIN\\name or name@domain; default NTLM_USERNAME',
  },
  domain: {
    type: 'string',
    value: 'NAME',
    variable: 'NTLM_DOMAIN',
    help: 'domain of the user; default NTLM_DOMAIN',
  },
  workstation: {
    type: 'string',
    value: 'NAME',
    variable: 'NTLM_WORKSTATION',
    help: 'name of this machine to report; default NTLM_WORKSTATION',
  },
  'password-stdin': {
    type: 'boolean',
    onlyOnCommandLine: true,
    help: 'read the password from the first line of standard input',
  },
  sso: {
    type: 'boolean',
    help: 'authenticate as the current user, with a Kerberos ticket or by NTLM. A name and a password, if given too, are used where the system has no credentials. Without any name this is tried by default',
  },
  server: {
    type: 'string',
    multiple: true,
    value: 'ORIGIN',
    help: 'an origin that may see the credentials, such as https://intranet.corp.example or *.corp.example; may be given again',
  },
  ca: {
    type: 'string',
    value: 'FILE',
    help: 'certificates (PEM) to trust in addition to the usual ones, such as that of TLS inspection',
  },
  'no-proxy': {
    type: 'string',
    multiple: true,
    value: 'LIST',
    help: 'hosts that are reached without a proxy, as in NO_PROXY: names, *.patterns, addresses, ranges such as 10.0.0.0/8 or 10.1.0.1-10.1.0.9; may be given again',
  },
  fallback: {
    type: 'string',
    value: 'KIND',
    choices: ['direct'],
    help: 'direct: connect without a proxy while none of the proxies can be reached, such as with a laptop at home',
  },
  listen: {
    type: 'string',
    short: 'l',
    value: 'ADDRESS',
    default: '127.0.0.1:3128',
    help: 'address and port to listen on; default 127.0.0.1:3128. Addresses beyond loopback need --allow',
  },
  allow: {
    type: 'string',
    multiple: true,
    value: 'RANGE',
    help: 'addresses that may connect when listening beyond loopback: 172.17.0.0/16, 10.1.0.1-10.1.0.9 or 192.168.1.7; several with commas. Other addresses are disconnected without an answer. The secret is required as well',
  },
  'no-secret': {
    type: 'boolean',
    help: 'let every program that can connect use the local proxy, without the secret',
  },
  'secret-only': {
    type: 'boolean',
    help: 'require the secret of programs of this user too, which need none on Linux otherwise',
  },
  'stored-secret': {
    type: 'boolean',
    help: 'keep the secret in the key store, so that the URL of the local proxy stays the same; it is made if there is none',
  },
  socks: {
    type: 'string',
    value: 'ADDRESS',
    help: 'serve SOCKS5 at this port or address too; callers give the user name "ntlm-wasm" and the secret as password',
  },
  forward: {
    type: 'string',
    multiple: true,
    value: 'SPEC',
    help: '[BIND:]PORT:HOST:PORT: connect whoever connects to this port with that host through the proxy; may be given again',
  },
  header: {
    type: 'string',
    multiple: true,
    value: 'FIELD',
    hides: 'value',
    help: 'a header field for every plain HTTP request, "Name: value", instead of the one that the caller sends; may be given again',
  },
  'user-agent': {
    type: 'string',
    value: 'TEXT',
    help: 'the User-Agent of every plain HTTP request, instead of the one that the caller sends',
  },
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    choices: ['error', 'warn', 'info', 'debug'],
    default: 'info',
    help: 'what to log: error, warn (failed requests too), info (all requests too, the default) or debug (each step of a handshake too)',
  },
  'log-format': {
    type: 'string',
    value: 'FORMAT',
    choices: ['text', 'json'],
    default: 'text',
    help: 'text, the default, or json: one JSON object per line',
  },
  'log-file': {
    type: 'string',
    value: 'FILE',
    help: 'append the log to this file instead of standard error; it is opened again on SIGHUP, for logrotate',
  },
  'pid-file': {
    type: 'string',
    value: 'FILE',
    help: 'where to write the process ID',
  },
  quiet: { type: 'boolean', short: 'q', help: 'print nothing but errors' },
  verbose: { type: 'boolean', short: 'v', help: 'print what happens' },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof TABLE;

export const SETTINGS: Readonly<Record<string, Setting>> = TABLE;

/** The options of these names, for a command. */
export function settings(...names: readonly SettingName[]): OptionSpecs {
  return Object.fromEntries(names.map((name) => [name, SETTINGS[name] as Setting]));
}

/** The settings that can be written into the configuration file. */
export const CONFIGURABLE: readonly string[] = Object.keys(SETTINGS).filter(
  (name) => SETTINGS[name]?.onlyOnCommandLine !== true,
);

/** Environment variables that are no option. */
export interface Variable {
  readonly name: string;
  readonly help: string;
  readonly isSecret?: boolean;
}

export const VARIABLES: readonly Variable[] = [
  { name: 'NTLM_PASSWORD', isSecret: true, help: 'the password of the user' },
  { name: 'NTLM_HASH', isSecret: true, help: 'its NT hash instead, see "ntlm-wasm hash"' },
  {
    name: 'NTLM_WASM_SECRET',
    isSecret: true,
    help: 'the secret of the local proxy. Without it a new one is made at each start; the service uses the one in the key store',
  },
  {
    name: 'HTTP_PROXY, HTTPS_PROXY, ALL_PROXY',
    help: 'the proxy, in either case of letters, unless --proxy or NTLM_PROXY names one',
  },
  { name: 'NO_PROXY', help: 'hosts that are reached without the proxy of these variables' },
  { name: 'NTLM_ADDON', help: 'the file of the native addon, instead of the one that is installed' },
  { name: 'NO_COLOR, FORCE_COLOR', help: 'no colours; colours also where standard error is not a terminal' },
];
