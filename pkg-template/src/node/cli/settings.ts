import type { OptionSpec, OptionSpecs } from './command.js';

/** An option that a variable or the configuration file can also set. Its key in the file is its name. */
export interface Setting extends OptionSpec {
  /** The environment variable with the same meaning. */
  readonly variable?: string;
  /** The default value, as text. */
  readonly default?: string;
  /** Not accepted in the file: the option belongs to one call. */
  readonly onlyOnCommandLine?: boolean;
  /** The part of the value that is hidden in output. */
  readonly hides?: 'password' | 'value' | 'everything';
}

const TABLE = {
  config: {
    type: 'string',
    value: 'FILE',
    variable: 'NTLM_WASM_CONFIG',
    onlyOnCommandLine: true,
    help: 'the configuration file; default: the standard location of the platform',
  },
  proxy: {
    type: 'string',
    short: 'x',
    value: 'URL',
    variable: 'NTLM_PROXY',
    default: 'system',
    hides: 'password',
    help: 'the proxy: http://host:port, "PROXY a:8080; DIRECT", a list such as "a:8080, b:8080", a PAC file, direct, environment or system. The default, system, reads HTTPS_PROXY and similar variables, then the settings of the operating system',
  },
  user: {
    type: 'string',
    short: 'u',
    value: 'NAME',
    variable: 'NTLM_USERNAME',
    help: "user name, such as alice, alice@corp.example or 'CORP\\alice' (with single quotes in sh and PowerShell); default NTLM_USERNAME",
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
    help: 'workstation name to send; default NTLM_WORKSTATION',
  },
  'password-stdin': {
    type: 'boolean',
    onlyOnCommandLine: true,
    help: 'read the password from the first line of standard input',
  },
  sso: {
    type: 'boolean',
    help: 'authenticate as the current user, with Kerberos or NTLM. Tried by default if no user name is set. A user name and password, if given, are the fallback when the system has no credentials',
  },
  server: {
    type: 'string',
    multiple: true,
    value: 'ORIGIN',
    help: 'an origin that may receive the credentials, such as https://intranet.corp.example or *.corp.example; repeatable',
  },
  ca: {
    type: 'string',
    value: 'FILE',
    help: 'extra certificates (PEM) to trust, such as the root certificate of a proxy that inspects TLS',
  },
  'no-proxy': {
    type: 'string',
    multiple: true,
    value: 'LIST',
    help: 'hosts to connect to without a proxy, as in NO_PROXY: names, *.patterns, addresses, ranges such as 10.0.0.0/8 or 10.1.0.1-10.1.0.9; repeatable',
  },
  fallback: {
    type: 'string',
    value: 'KIND',
    choices: ['direct'],
    help: 'direct: connect without a proxy while no proxy can be reached, such as on a laptop at home',
  },
  listen: {
    type: 'string',
    short: 'l',
    value: 'ADDRESS',
    default: '127.0.0.1:3128',
    help: 'address and port to listen on; default 127.0.0.1:3128. Non-loopback addresses require --allow',
  },
  allow: {
    type: 'string',
    multiple: true,
    value: 'RANGE',
    help: 'client addresses to accept on a non-loopback address: 172.17.0.0/16, 10.1.0.1-10.1.0.9 or 192.168.1.7; separate several with commas. Connections from other addresses are closed. Clients also need the secret',
  },
  'no-secret': {
    type: 'boolean',
    help: 'accept every program that can connect, without the secret',
  },
  'secret-only': {
    type: 'boolean',
    help: 'require the secret from programs of this user too; by default they need none on Linux',
  },
  'stored-secret': {
    type: 'boolean',
    help: 'keep the secret in the key store, so that the URL of the local proxy does not change; creates the secret if there is none',
  },
  socks: {
    type: 'string',
    value: 'ADDRESS',
    help: 'also serve SOCKS5 on this port or address; clients use the user name "ntlm-wasm" and the secret as the password',
  },
  forward: {
    type: 'string',
    multiple: true,
    value: 'SPEC',
    help: '[BIND:]PORT:HOST:PORT: forward a local port to a host through the proxy; repeatable',
  },
  header: {
    type: 'string',
    multiple: true,
    value: 'FIELD',
    hides: 'value',
    help: 'set a header field, "Name: value", in every plain HTTP request, replacing the value sent by the client; repeatable',
  },
  'user-agent': {
    type: 'string',
    value: 'TEXT',
    help: 'set the User-Agent of every plain HTTP request',
  },
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    choices: ['error', 'warn', 'info', 'debug'],
    default: 'info',
    help: 'error, warn (adds failed requests), info (adds all requests; the default) or debug (adds each leg of a handshake)',
  },
  'log-format': {
    type: 'string',
    value: 'FORMAT',
    choices: ['text', 'json'],
    default: 'text',
    help: 'text (the default) or json, one JSON object per line',
  },
  'log-file': {
    type: 'string',
    value: 'FILE',
    help: 'append the log to a file instead of standard error; SIGHUP reopens the file, for logrotate',
  },
  'pid-file': {
    type: 'string',
    value: 'FILE',
    help: 'write the process ID to a file',
  },
  quiet: { type: 'boolean', short: 'q', help: 'print errors only' },
  verbose: { type: 'boolean', short: 'v', help: 'print details of each request' },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof TABLE;

export const SETTINGS: Readonly<Record<string, Setting>> = TABLE;

/** The options with these names, for a command. */
export function settings(...names: readonly SettingName[]): OptionSpecs {
  return Object.fromEntries(names.map((name) => [name, SETTINGS[name] as Setting]));
}

/** The settings that the configuration file accepts. */
export const CONFIGURABLE: readonly string[] = Object.keys(SETTINGS).filter(
  (name) => SETTINGS[name]?.onlyOnCommandLine !== true,
);

/** An environment variable without an option. */
export interface Variable {
  readonly name: string;
  readonly help: string;
  readonly isSecret?: boolean;
}

export const VARIABLES: readonly Variable[] = [
  { name: 'NTLM_PASSWORD', isSecret: true, help: 'the password of NTLM_USERNAME' },
  {
    name: 'NTLM_HASH',
    isSecret: true,
    help: 'the NT hash of the password, used instead of NTLM_PASSWORD; see "ntlm-wasm hash"',
  },
  {
    name: 'NTLM_WASM_SECRET',
    isSecret: true,
    help: 'the secret of the local proxy; default: a new one at each start, and the one in the key store for the service',
  },
  {
    name: 'HTTP_PROXY, HTTPS_PROXY, ALL_PROXY',
    help: 'the proxy, in upper or lower case, unless --proxy or NTLM_PROXY is set',
  },
  { name: 'NO_PROXY', help: 'hosts to connect to without the proxy of these variables' },
  { name: 'NTLM_ADDON', help: 'the path of the native addon, instead of the installed one' },
  { name: 'NO_COLOR, FORCE_COLOR', help: 'disable colours; force colours even if standard error is not a terminal' },
];
