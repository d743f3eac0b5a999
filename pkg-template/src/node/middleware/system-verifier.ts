import { type ChildProcess, spawn } from 'node:child_process';
import { NtlmError } from '../../errors.js';
import { type NtlmUser, userOf, type Verifier } from './user.js';

/** The maximum number of helper processes, each for one handshake. Further handshakes wait. */
const MAX_HELPERS = 16;
/** Milliseconds after which an idle helper is stopped. */
const IDLE = 30_000;
/** Milliseconds for a response of the domain. */
const PATIENCE = 30_000;

/** Verifies with winbind's `ntlm_auth`, using Squid's line-based helper protocol. */
export class SystemVerifier {
  readonly #idle = new Map<string, Helper[]>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  readonly #command: readonly string[];

  constructor(command: readonly string[] = ['ntlm_auth'], platform: NodeJS.Platform = process.platform) {
    this.#command = command;
    if (platform === 'win32' || platform === 'darwin') {
      throw new NtlmError('ERR_NTLM_VERIFY_UNAVAILABLE', `verify: "system" is not available on ${platform}`, {
        advice: 'pass the function account, or run the server on Linux with winbind, joined to the domain',
      });
    }
  }

  handshake(scheme: string): Verifier {
    const protocol = scheme === 'Negotiate' ? 'gss-spnego' : 'squid-2.5-ntlmssp';
    let helper: Helper | undefined;
    const release = (): void => {
      if (helper !== undefined) this.#release(protocol, helper);
      helper = undefined;
    };
    const ask = async (line: string): Promise<string[]> => {
      helper ??= await this.#acquire(protocol);
      try {
        return (await helper.ask(line)).split(' ');
      } catch (error) {
        helper.end();
        throw error;
      }
    };
    return {
      async challenge(token) {
        const [kind, challenge = '', ...rest] = await ask(`YR ${token}`);
        if (kind === 'TT') return challenge;
        release();
        throw refused([challenge, ...rest].join(' '));
      },
      async authenticate(token) {
        try {
          const [kind = '', ...rest] = await ask(`KK ${token}`);
          if (kind !== 'AF') throw refused(rest.filter((word) => word !== '*').join(' '));
          // gss-spnego sends its last token before the name.
          const [last, name] =
            protocol === 'gss-spnego' ? [rest[0], rest.slice(1).join(' ')] : [undefined, rest.join(' ')];
          return { user: parsedUser(name, token), token: last === '*' || last === undefined ? undefined : last };
        } finally {
          release();
        }
      },
      close: release,
    };
  }

  async #acquire(protocol: string): Promise<Helper> {
    for (;;) {
      const helper = this.#idle.get(protocol)?.pop();
      if (helper !== undefined && !helper.ended) {
        helper.use();
        return helper;
      }
      if (helper !== undefined) continue;
      if (this.#running < MAX_HELPERS) {
        this.#running += 1;
        const started = new Helper(this.#command, protocol, () => {
          this.#running -= 1;
          this.#waiting.shift()?.();
        });
        return started;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #release(protocol: string, helper: Helper): void {
    if (helper.ended) return;
    const list = this.#idle.get(protocol) ?? [];
    this.#idle.set(protocol, list);
    list.push(helper);
    helper.rest();
    this.#waiting.shift()?.();
  }
}

/** One helper process. */
class Helper {
  ended = false;
  readonly #child: ChildProcess;
  #answer: { resolve(line: string): void; reject(error: Error): void } | undefined;
  #text = '';
  #errors = '';
  #timer: NodeJS.Timeout | undefined;

  constructor([program = '', ...args]: readonly string[], protocol: string, onEnd: () => void) {
    this.#child = spawn(program, [...args, `--helper-protocol=${protocol}`], { stdio: ['pipe', 'pipe', 'pipe'] });
    // Unused helpers must not keep the program alive.
    this.#child.unref();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      (stream as unknown as { unref?(): void }).unref?.();
    }
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.setEncoding('utf8').on('data', (piece: string) => this.#read(piece));
    this.#child.stderr
      ?.setEncoding('utf8')
      .on('data', (piece: string) => (this.#errors = (this.#errors + piece).slice(-500)));
    const finish = (reason: string): void => {
      if (this.ended) return;
      this.ended = true;
      this.#answer?.reject(unavailable(reason));
      this.#answer = undefined;
      clearTimeout(this.#timer);
      onEnd();
    };
    this.#child.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ENOENT' ? 'not installed' : error.message),
    );
    this.#child.once('close', () => finish(this.#errors.trim().split('\n').at(-1) || 'it ended without an answer'));
  }

  ask(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(unavailable('it has ended'));
        return;
      }
      this.#child.ref();
      const timer = setTimeout(() => reject(unavailable('it does not answer')), PATIENCE);
      const settle = (): void => {
        clearTimeout(timer);
        this.#child.unref();
      };
      this.#answer = {
        resolve: (text) => (settle(), resolve(text)),
        reject: (error) => (settle(), reject(error)),
      };
      this.#child.stdin?.write(`${line}\n`);
    });
  }

  #read(piece: string): void {
    this.#text += piece;
    const end = this.#text.indexOf('\n');
    if (end === -1) return;
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.resolve(line.trim());
  }

  rest(): void {
    this.#timer = setTimeout(() => this.end(), IDLE);
    this.#timer.unref();
  }

  use(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.#child.kill();
  }
}

/** Parses `CORP\alice`, or `alice` if winbind uses its default domain. The workstation is taken from message 3. */
function parsedUser(name: string, token: string): NtlmUser {
  const [, domain = '', username = name] = /^([^\\]+)\\(.*)$/.exec(name) ?? [];
  return userOf(username, domain, workstationOf(Buffer.from(token, 'base64')));
}

/** Reads WorkstationFields (MS-NLMP 2.2.1.3) at byte 44, in UTF-16 if NTLMSSP_NEGOTIATE_UNICODE is set. Empty for SPNEGO. */
function workstationOf(message: Buffer): string {
  if (message.length < 64 || message.toString('latin1', 0, 8) !== 'NTLMSSP\0') return '';
  const [length, offset] = [message.readUInt16LE(44), message.readUInt32LE(48)];
  const unicode = (message.readUInt32LE(60) & 1) !== 0;
  return message.subarray(offset, offset + length).toString(unicode ? 'utf16le' : 'latin1');
}

function refused(words: string): NtlmError {
  const message = `the operating system rejected the credentials${words === '' ? '' : ` (${words})`}`;
  return new NtlmError('ERR_NTLM_VERIFY_REJECTED', message, {
    advice: 'check user name, domain and password, and whether winbind reaches the domain ("wbinfo -t")',
  });
}

function unavailable(reason: string): NtlmError {
  return new NtlmError('ERR_NTLM_VERIFY_UNAVAILABLE', `winbind's ntlm_auth cannot be used (${reason})`, {
    advice: 'install winbind, join the domain, and put the user of this program into the group winbindd_priv',
  });
}
