/** What another program's configuration comes to: the settings, and notes on what could not be imported. */
export interface Imported {
  readonly values: Map<string, string | boolean | string[]>;
  readonly notes: string[];
}

const HASHES = 'the password was not imported: store it with "ntlm-wasm credential set"';

/** Reads the configuration of cntlm: `Keyword value` lines. */
export function importCntlm(text: string): Imported {
  const notes: string[] = [];
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', value = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
      return { name: name.toLowerCase(), value: value.trim() };
    });
  const all = (name: string): string[] => lines.filter((line) => line.name === name).map(({ value }) => value);
  const isOn = (name: string): boolean => /^(yes|1|true)$/i.test(all(name)[0] ?? '');
  const values: Imported['values'] = new Map();
  const proxies = all('proxy');
  if (proxies.length > 0) values.set('proxy', proxies.join(', '));
  for (const [theirs, ours] of [
    ['username', 'user'],
    ['domain', 'domain'],
    ['workstation', 'workstation'],
  ] as const) {
    const [value] = all(theirs);
    if (value !== undefined) values.set(ours, value);
  }
  const noProxy = all('noproxy').flatMap(listOf);
  if (noProxy.length > 0) values.set('no-proxy', noProxy);
  const [listen, ...more] = all('listen');
  const allow = all('allow').filter((range) => !/^0(\.0\.0\.0)?\/0$/.test(range));
  listenAt(values, notes, { listen, gateway: isOn('gateway'), allow });
  if (more.length > 0) notes.push(`only the first Listen was imported; the others are ${more.join(', ')}`);
  if (all('deny').length > 0) notes.push('Deny has no equivalent: what --allow does not name is refused');
  const tunnels = all('tunnel');
  if (tunnels.length > 0) values.set('forward', tunnels);
  const [socks] = all('socks5proxy');
  if (socks !== undefined) values.set('socks', socks);
  if (all('socks5user').length > 0) {
    notes.push('SOCKS5User was not imported: SOCKS clients use the name "ntlm-wasm" and the secret of the local proxy');
  }
  const headers = all('header');
  if (headers.length > 0) values.set('header', headers);
  if (lines.some(({ name }) => /^pass/.test(name))) notes.push(HASHES);
  if (/^(nt|lm)$/i.test(all('auth')[0] ?? '')) notes.push('Auth: only NTLMv2 is used');
  const known =
    /^(proxy|username|domain|workstation|noproxy|listen|gateway|allow|deny|tunnel|socks5\w*|header|pass\w*|auth)$/;
  noteRest(
    notes,
    lines.map(({ name }) => name).filter((name) => !known.test(name)),
  );
  return { values, notes };
}

/** Reads px.ini: `[section]` and `key = value` lines. */
export function importPx(text: string): Imported {
  const keys = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value = ''] = /^\s*([\w]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && !/^\s*[#;]/.test(line) && value !== '') keys.set(key.toLowerCase(), value);
  }
  const notes: string[] = [];
  const values: Imported['values'] = new Map();
  const take = (key: string): string | undefined => {
    const value = keys.get(key);
    keys.delete(key);
    return value;
  };
  const isOn = (key: string): boolean => /^(1|true|yes|on)$/i.test(take(key) ?? '');
  const [server, pac] = [take('server'), take('pac')];
  if (pac !== undefined) values.set('proxy', `pac+${/^[a-z]+:\/\//i.test(pac) ? pac : `file://${pac}`}`);
  else if (server !== undefined) values.set('proxy', listOf(server).join(', '));
  const [username, userAgent, noProxy] = [take('username'), take('useragent'), take('noproxy')];
  if (username !== undefined) values.set('user', username);
  if (userAgent !== undefined) values.set('user-agent', userAgent);
  if (noProxy !== undefined) values.set('no-proxy', listOf(noProxy));
  const [port, bind] = [take('port'), take('listen')?.split(',')[0]?.trim()];
  const [gateway, hostOnly] = [isOn('gateway'), isOn('hostonly')];
  if (hostOnly) notes.push('hostonly has no equivalent: name the ranges with --allow');
  const allow = listOf(take('allow') ?? '').filter((range) => range !== '*.*.*.*');
  const listen = bind === undefined ? port : `${bind}:${port ?? '3128'}`;
  listenAt(values, notes, { listen, gateway, allow: allow.map(starsToRange) });
  const auth = take('auth');
  if (auth !== undefined && !/^(any|ntlm|negotiate|anysafe)$/i.test(auth))
    notes.push(`auth = ${auth}: only NTLM and Negotiate are used`);
  if (username !== undefined) notes.push(HASHES);
  noteRest(notes, [...keys.keys()]);
  return { values, notes };
}

function listenAt(
  values: Imported['values'],
  notes: string[],
  { listen, gateway, allow }: { listen: string | undefined; gateway: boolean; allow: string[] },
): void {
  const port = listen?.split(':').at(-1) ?? '3128';
  if (!gateway) {
    if (listen !== undefined) values.set('listen', listen.includes(':') ? listen : `127.0.0.1:${listen}`);
    return;
  }
  values.set('listen', `0.0.0.0:${port}`);
  if (allow.length > 0) values.set('allow', allow);
  else notes.push('the gateway accepted every address: name the ranges that may connect with the key "allow"');
}

/** `10.1.*.*` is 10.1.0.0/16. */
function starsToRange(range: string): string {
  const parts = range.split('.');
  const stars = parts.filter((part) => part === '*').length;
  if (stars === 0 || parts.length !== 4) return range;
  return `${parts.map((part) => (part === '*' ? '0' : part)).join('.')}/${32 - 8 * stars}`;
}

function listOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((entry) => entry !== '');
}

function noteRest(notes: string[], names: readonly string[]): void {
  const rest = [...new Set(names)];
  if (rest.length > 0) notes.push(`not imported: ${rest.join(', ')}`);
}
