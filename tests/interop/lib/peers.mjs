// Other implementations of NTLM, client and acceptor, with one face:
//   step(token or null) -> { token, complete, user }, wrap, unwrap, sign, verify, close.
// A refusal is a rejected promise.

import { fileURLToPath } from 'node:url';
import { lab } from './lab.mjs';
import { LineProcess } from './line-process.mjs';

const PYTHON_PEERS = fileURLToPath(new URL('../python/peers.py', import.meta.url));
const encode = (bytes) => (bytes == null ? null : Buffer.from(bytes).toString('base64'));
const decode = (text) => (text == null ? null : Buffer.from(text, 'base64'));

const SSPI_PEER = fileURLToPath(new URL('../../.cache/sspi/debug/ntlm-wasm-interop-sspi', import.meta.url));

const PROGRAMS = {
  python: () =>
    new LineProcess(lab.python, ['-B', PYTHON_PEERS], { NTLM_USER_FILE: lab.ntlm_user_file, LC_ALL: 'C.UTF-8' }),
  sspi: () => new LineProcess(SSPI_PEER, []),
};
const running = new Map(); // one process of each per test file: starting it costs more than all its answers

async function ask(program, request) {
  if (!running.has(program)) running.set(program, PROGRAMS[program]());
  const { error, ...answer } = JSON.parse(await running.get(program).ask(JSON.stringify(request)));
  if (error) throw new Error(error);
  return answer;
}

/** A context within a program that answers lines of JSON. */
class LinePeer {
  static async open(peer, side, { bindings, ...options }) {
    const program = peer === 'sspi crate' ? 'sspi' : 'python';
    const { context } = await ask(program, { op: 'open', peer, side, bindings: encode(bindings), ...options });
    return new LinePeer(program, context);
  }

  constructor(program, context) {
    this.program = program;
    this.context = context;
  }

  async #ask(op, request = {}) {
    const { data, ...answer } = await ask(this.program, { op, context: this.context, ...request });
    return { ...answer, data: decode(data) };
  }

  async step(token) {
    const answer = await this.#ask('step', { token: encode(token) });
    return { ...answer, token: decode(answer.token) };
  }

  async wrap(data) {
    return (await this.#ask('wrap', { data: encode(data) })).data;
  }

  async unwrap(data) {
    return (await this.#ask('unwrap', { data: encode(data) })).data;
  }

  async sign(data) {
    return (await this.#ask('sign', { data: encode(data) })).data;
  }

  async verify(data, signature) {
    await this.#ask('verify', { data: encode(data), signature: encode(signature) });
  }

  async key() {
    return (await this.#ask('key')).data;
  }

  async close() {
    await this.#ask('close');
  }
}

/** Samba's ntlm_auth as a client. The password goes to its standard input, never on a command line. */
class SambaClient {
  static async open(options) {
    const peer = new SambaClient();
    peer.process = new LineProcess('ntlm_auth', [
      `--configfile=${lab.dc.smb_conf}`,
      '--helper-protocol=ntlmssp-client-1',
      `--username=${options.username}`,
      `--domain=${options.domain ?? ''}`,
    ]);
    peer.password = options.password;
    return peer;
  }

  async step(token) {
    if (token === null) await this.process.ask(`PW ${encode(Buffer.from(this.password))}`);
    const answer = await this.process.ask(token === null ? 'YR' : `TT ${encode(token)}`);
    const [code, text] = answer.split(' ');
    if (!['YR', 'KK', 'AF'].includes(code)) throw new Error(`ntlm_auth: ${answer}`);
    return { token: decode(text), complete: token !== null, user: null };
  }

  async close() {
    this.process.close();
  }
}

/** Samba's ntlm_auth as an acceptor, as Squid runs it: winbind and the domain controller judge. */
class SambaAcceptor {
  static async open(options) {
    const peer = new SambaAcceptor();
    const protocol = options.protocol === 'negotiate' ? 'gss-spnego' : 'squid-2.5-ntlmssp';
    peer.process = new LineProcess('ntlm_auth', [
      `--configfile=${lab.helper_smb_conf}`,
      `--helper-protocol=${protocol}`,
    ]);
    peer.answersToken = protocol === 'gss-spnego';
    peer.verb = 'YR';
    return peer;
  }

  async step(token) {
    const answer = await this.process.ask(`${this.verb} ${encode(token)}`);
    this.verb = 'KK';
    const [, code, rest] = /^(\S+) ?(.*)$/.exec(answer);
    if (code === 'TT') return { token: decode(rest), complete: false, user: null };
    if (code !== 'AF') throw new Error(`ntlm_auth: ${answer}`);
    // gss-spnego: "AF token user", the token * if there is none; squid-2.5-ntlmssp: "AF user"
    const [, last, user] = this.answersToken ? /^(\S+) (.*)$/.exec(rest) : ['', '*', rest];
    return { token: last === '*' ? null : decode(last), complete: true, user };
  }

  async close() {
    this.process.close();
  }
}

const SAMBA = { client: SambaClient, acceptor: SambaAcceptor };

/** @param side 'client' | 'acceptor' @param options { username, password, domain, protocol, bindings, sign, seal, keyExchange } */
export function openPeer(peer, side, options) {
  return peer === 'samba' ? SAMBA[side].open(options) : LinePeer.open(peer, side, options);
}

/** Lets the process end: call it after all tests of a file. */
export function closePeers() {
  for (const program of running.values()) program.close();
  running.clear();
}
