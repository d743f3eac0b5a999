import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { isLoopback } from '../http1/listener.js';
import type { ServerOptions } from './server-options.js';

/** A target that this proxy will not or cannot reach, with the status that says so. */
export class Unreachable extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Unreachable';
    this.status = status;
  }
}

export interface Target {
  /** As the client wrote it, without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, the form of a CONNECT target (RFC 9112, section 3.2.3). */
export function parseAuthority(authority: string): Target {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/@]+)):(\d{1,5})$/.exec(authority);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535)
    throw new Unreachable(400, 'the target is not of the form host:port');
  return { host: match[1] ?? (match[2] as string), port };
}

/** The address to connect to, after the policy has been asked. The name is resolved once, so that it cannot change. */
export async function resolveTarget(
  { host }: Target,
  { hosts = {}, targets = 'loopback' }: Pick<ServerOptions, 'hosts' | 'targets'>,
): Promise<string> {
  const known = hosts[host.toLowerCase()] ?? host;
  const address = isIP(known) > 0 ? known : await resolve(known);
  if (targets === 'loopback' && !isLoopback(address)) {
    throw new Unreachable(403, `${host} is not on this machine, and this proxy connects to nothing else`);
  }
  return address;
}

async function resolve(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch {
    throw new Unreachable(502, `cannot resolve ${host}`);
  }
}

/** An open TCP connection. */
export function connectTo(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    const fail = (error: NodeJS.ErrnoException): void => {
      socket.destroy();
      reject(new Unreachable(502, `cannot connect to port ${port} (${error.code ?? error.message})`));
    };
    const abort = (): void => fail(new Error('the client has gone'));
    socket.once('error', fail);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      socket.off('error', fail);
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
  });
}
