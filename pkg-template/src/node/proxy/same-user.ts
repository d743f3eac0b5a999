import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findAddon } from '../system-addon.js';

/** The minimum milliseconds between two reads of the kernel's socket list, each of which takes milliseconds. */
const PAUSE = 50;
/** The user ID that the kernel reports for users without an ID in this namespace. */
const OVERFLOW_UID = 65534;

/** Whether this system reports the owner of the peer's socket of a local connection. */
export function knowsSocketOwners(): boolean {
  return process.platform === 'linux' && ownUid() !== undefined;
}

/**
 * Whether the peer is a program of this user. Only loopback connections qualify, because an interface address may belong to a
 * container. `find` is for tests.
 */
export function isSameUser(socket: Socket, find: OwnerFinder = ownerOf): boolean | Promise<boolean> {
  const own = ownUid();
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (own === undefined || remoteAddress === undefined || remotePort === undefined) return false;
  if (localAddress === undefined || localPort === undefined) return false;
  if (!isLoopbackAddress(remoteAddress) || !isLoopbackAddress(localAddress)) return false;
  const owner = find(remoteAddress, remotePort, localAddress, localPort);
  return owner instanceof Promise ? owner.then((uid) => uid === own) : owner === own;
}

type Owner = number | undefined;
type OwnerFinder = (peerAddress: string, peerPort: number, address: string, port: number) => Owner | Promise<Owner>;

/** Returns this user's ID; undefined on other systems, and for the ID of all unknown users. */
function ownUid(): number | undefined {
  const uid = process.geteuid?.();
  return uid === overflowUid() ? undefined : uid;
}

let overflow: number | undefined;

function overflowUid(): number {
  if (overflow === undefined) {
    try {
      overflow = Number(readFileSync('/proc/sys/kernel/overflowuid', 'latin1'));
    } catch {
      overflow = OVERFLOW_UID;
    }
  }
  return overflow;
}

function isLoopbackAddress(address: string): boolean {
  return /^(?:::ffff:)?127\./.test(address) || address === '::1';
}

/** Finds the owner with the addon, in microseconds, or in the kernel's list. One read serves all waiting callers. */
const ownerOf: OwnerFinder = (...ends) => {
  const found = findAddon();
  if ('addon' in found && found.addon.socketOwner !== undefined) return found.addon.socketOwner(...ends) ?? undefined;
  return listedOwner(...ends);
};

let next: Promise<string> | undefined;
let lastReading = -Infinity;

/** Reads `/proc/net/tcp` and `/proc/net/tcp6`. */
export async function listedOwner(
  peerAddress: string,
  peerPort: number,
  address: string,
  port: number,
): Promise<Owner> {
  next ??= readLater();
  return ownerIn(await next, `${hex(peerAddress)}:${hexPort(peerPort)}`, `${hex(address)}:${hexPort(port)}`);
}

async function readLater(): Promise<string> {
  await sleep(Math.max(0, lastReading + PAUSE - performance.now()), undefined, { ref: false });
  // Later connections may be missing from this read.
  next = undefined;
  lastReading = performance.now();
  const lists = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'latin1').catch(() => '')),
  );
  return lists.join('\n');
}

/**
 * Returns the user ID in the line of the peer's socket. A socket that its process has closed has inode 0, and its user 0 is
 * meaningless.
 */
export function ownerIn(list: string, peer: string, local: string): Owner {
  for (const end of [peer, mapped(peer)]) {
    const other = end === peer ? local : mapped(local);
    const at = list.indexOf(` ${end} ${other} `);
    if (at === -1) continue;
    const line = list.slice(at + 1, (list.indexOf('\n', at) + 1 || list.length + 1) - 1);
    const [, , , , , , uid, , inode] = line.trim().split(/\s+/);
    if (inode !== undefined && inode !== '0') return Number(uid);
  }
  return undefined;
}

/** Formats an address like the kernel: 32-bit words in host byte order. */
function hex(address: string): string {
  if (address === '::1') return '0'.repeat(24) + word([0, 0, 0, 1]);
  return word(
    address
      .replace(/^::ffff:/, '')
      .split('.')
      .map(Number),
  );
}

function word(bytes: readonly number[]): string {
  const value = Buffer.from(bytes).readUInt32LE();
  return (new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? value : Buffer.from(bytes).readUInt32BE())
    .toString(16)
    .padStart(8, '0')
    .toUpperCase();
}

function hexPort(port: number): string {
  return port.toString(16).padStart(4, '0').toUpperCase();
}

/** Formats an IPv4 endpoint like the kernel's IPv6 list. */
function mapped(end: string): string {
  return end.length > 13 ? end : `${'0'.repeat(16)}${word([0, 0, 0xff, 0xff])}${end}`;
}
