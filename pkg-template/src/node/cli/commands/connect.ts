import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Connector } from '../../connector.js';
import { type Command, UsageError } from '../command.js';
import { CONNECTION_OPTIONS, connectionOptions, PASSWORD_NOTE } from '../connection-arguments.js';
import { ExitCode } from '../exit-codes.js';

export const command: Command = {
  name: 'connect',
  synopsis: '[options] HOST:PORT',
  about:
    'Opens a tunnel through the proxy to a host and port, and connects it to standard input and output, for use as ProxyCommand of ssh. Most proxies allow port 443 only.',
  options: CONNECTION_OPTIONS,
  examples: [
    ['ssh -o ProxyCommand="ntlm-wasm connect %h:%p" git@ssh.github.com -p 443', 'ssh through the proxy'],
    [
      'GIT_SSH_COMMAND=\'ssh -o ProxyCommand="ntlm-wasm connect %h:%p"\' git fetch',
      'git over ssh (sh); rsync takes the same ssh command with -e',
    ],
    ['$env:GIT_SSH_COMMAND = \'ssh -o ProxyCommand="ntlm-wasm connect %h:%p"\'', 'git over ssh (PowerShell)'],
  ],
  notes: PASSWORD_NOTE,
  async run(input) {
    const url = targetOf(input.operands);
    const connector = new Connector(await connectionOptions(input));
    const plan = await connector.plan({ url, method: 'CONNECT', path: '/', upgrade: false, raw: true });
    const connection = await connector.open(plan);
    await join(connection.detach());
    return ExitCode.ok;
  },
};

/** Parses `HOST:PORT`, or host and port as separate words. */
function targetOf(operands: readonly string[]): URL {
  const text = operands.join(':');
  const [, host = '', port = ''] = /^(\[[\da-f:.]+\]|[^:\s/@]+):(\d+)$/i.exec(text) ?? [];
  const address = `https://${host}:${port}`;
  if (operands.length > 2 || !URL.canParse(address) || Number(port) === 0) {
    throw new UsageError(
      operands.length === 0 ? 'there is no host and port' : 'the operand is not a host and port',
      'write HOST:PORT, such as ssh.github.com:443, or [::1]:22',
    );
  }
  return new URL(address);
}

/** Copies bytes both ways until the peer closes. The end of input half-closes the tunnel. */
async function join(socket: Socket): Promise<void> {
  const { stdin, stdout } = process;
  const closed = once(socket, 'close');
  stdin.on('error', () => socket.end());
  stdout.on('error', () => socket.destroy());
  stdin.pipe(socket);
  socket.pipe(stdout);
  await closed;
  stdin.unpipe(socket).pause();
  stdin.unref?.();
}
