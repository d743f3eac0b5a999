/*
 * The thread that a PAC file runs in: QuickJS with the PAC file in it. This module and everything it imports is bundled to
 * one text (generated/engine.js). It asks the main thread for addresses and blocks until they are there, because the
 * functions of a PAC file are synchronous.
 */
import { BlockList, isIP } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { type JSValueHandle, QuickJS } from 'quickjs-wasi';
import type { FromWorker, ToWorker, WorkerInput } from './messages.js';

/** The functions of sandbox.ts as one text, which the bundler puts here. */
declare const SANDBOX: string;

const MEMORY_LIMIT = 64 * 1024 * 1024;
const STACK_LIMIT = 256 * 1024;
const MOST_REMEMBERED = 1_000;

const { wasm, source, name, shared, limits } = workerData as WorkerInput;
const signal = new Int32Array(shared, 0, 2);
const room = new Uint8Array(shared, 8);
const port = parentPort as NonNullable<typeof parentPort>;
const send = (message: FromWorker): void => port.postMessage(message);

/** When the script has used up its time, and when it ends even if it was only waiting for addresses. */
let deadline = 0;
let end = 0;
const remembered = new Map<string, string>();

function start(): void {
  deadline = Date.now() + limits.run;
  end = Date.now() + limits.total;
  remembered.clear();
}

const outOfTime = (): boolean => Date.now() > deadline;

/** Asks the main thread and waits. Time spent waiting is not the script's own, but the wait as a whole has an end. */
function ask(what: 'resolve' | 'own', host: string, family: string): string {
  const key = `${what} ${family} ${host}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const before = Date.now();
  // QuickJS calls the interrupt handler rarely in a loop of calls to the host.
  if (before > deadline || before > end) throw new Error('interrupted');
  Atomics.store(signal, 0, 0);
  send({ kind: 'ask', what, host, family: family === 'first' ? 4 : 0 });
  Atomics.wait(signal, 0, 0, end - before);
  const now = Date.now();
  deadline = Math.min(deadline + (now - before), end);
  if (Atomics.load(signal, 0) === 0) return '';
  const answer = new TextDecoder().decode(room.slice(0, Atomics.load(signal, 1)));
  if (remembered.size < MOST_REMEMBERED) remembered.set(key, answer);
  return answer;
}

function isInSubnet(address: string, subnet: string): boolean {
  const [net = '', bits = ''] = subnet.split('/', 2);
  const family = isIP(address);
  if (family === 0 || family !== isIP(net) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(net, Number(bits), type);
  return list.check(address, type);
}

/** Of equal length in a family, so that they can be compared as texts. */
function hexOf(address: string): string {
  const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');
  const parts = (text: string): string[] => text.split(':').filter((part) => part !== '');
  if (isIP(address) === 4)
    return address
      .split('.')
      .map((part) => hex(Number(part), 2))
      .join('');
  // URLs have the short form, without IPv4 in it.
  const [head = '', tail = ''] = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1).split('::');
  const [left, right] = [parts(head), parts(tail)];
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((part) => hex(Number.parseInt(part, 16), 4)).join('');
}

function sort(list: string): string {
  const addresses = list.split(';').flatMap((address) => address.trim() || []);
  if (addresses.some((address) => isIP(address) === 0)) return '';
  const keyed = addresses.map((address) => ({ address, key: `${isIP(address) === 6 ? 0 : 1}${hexOf(address)}` }));
  return keyed
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ address }) => address)
    .join(';');
}

function provideHost(vm: QuickJS): void {
  const host = vm.newObject();
  const provide = (key: string, value: (...words: string[]) => JSValueHandle): void => {
    vm.setProp(
      host,
      key,
      vm.newFunction(key, (...words) => value(...words.map((word) => word.toString()))),
    );
  };
  provide('resolve', (name = '', family = '') => vm.newString(ask('resolve', name, family)));
  provide('ownAddress', (family = '') => vm.newString(ask('own', '', family)));
  provide('isInSubnet', (address = '', subnet = '') => (isInSubnet(address, subnet) ? vm.true : vm.false));
  provide('sort', (list = '') => vm.newString(sort(list)));
  provide('alert', (text = '') => {
    send({ kind: 'alert', text: text.slice(0, 1_000) });
    return vm.undefined;
  });
  vm.setProp(vm.global, 'pacHost', host);
}

/** Checks inside of QuickJS what the script returned: converting another value could run more of the script. */
const CALL = `(url, host) => {
  const find = typeof FindProxyForURLEx === 'function' ? FindProxyForURLEx : FindProxyForURL;
  const result = find(url, host);
  if (result === undefined || result === null) return '';
  if (typeof result !== 'string') throw 'the result is not a string';
  if (result.length > ${limits.result}) throw 'the result is too long';
  return result;
}`;

/** Where the script says why it failed. Reading the error may run the script, so it is given little more time. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return outOfTime() || text === 'interrupted' ? 'it takes too long' : text.slice(0, 200);
}

async function main(): Promise<void> {
  start();
  const vm = await QuickJS.create({
    wasm: wasm as never,
    memoryLimit: MEMORY_LIMIT,
    maxStackSize: STACK_LIMIT,
    interruptHandler: outOfTime,
  });
  provideHost(vm);
  vm.evalCode(SANDBOX, 'pac-functions.js');
  vm.evalCode(source, name);
  const defined = vm.evalCode('typeof FindProxyForURLEx === "function" || typeof FindProxyForURL === "function"');
  if (!defined.toBoolean()) throw new Error('it does not define FindProxyForURL(url, host)');
  const call = vm.evalCode(CALL, 'pac-call.js');
  port.on('message', ({ url, host }: ToWorker) => {
    start();
    try {
      send({
        kind: 'result',
        text: vm.callFunction(call, vm.undefined, vm.newString(url), vm.newString(host)).toString(),
      });
    } catch (error) {
      send({ kind: 'failed', reason: reason(error) });
    }
  });
  send({ kind: 'ready' });
}

main().catch((error: unknown) => send({ kind: 'failed', reason: reason(error) }));
