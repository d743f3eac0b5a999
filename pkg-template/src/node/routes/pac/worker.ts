/*
 * The worker thread of a PAC file, which runs in QuickJS. This module and its imports are bundled to one text
 * (generated/engine.js). The worker requests addresses from the main thread and blocks until they arrive, because PAC functions
 * are synchronous.
 */
import { BlockList, isIP } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { type JSValueHandle, QuickJS } from 'quickjs-wasi';
import type { FromWorker, ToWorker, WorkerInput } from './messages.js';

/** The functions of sandbox.ts as one text, inserted by the bundler. */
declare const SANDBOX: string;

const MEMORY_LIMIT = 64 * 1024 * 1024;
const STACK_LIMIT = 256 * 1024;
const MOST_REMEMBERED = 1_000;

const { wasm, source, name, shared, limits } = workerData as WorkerInput;
const signal = new Int32Array(shared, 0, 2);
const room = new Uint8Array(shared, 8);
const port = parentPort as NonNullable<typeof parentPort>;
const send = (message: FromWorker): void => port.postMessage(message);

/** The end of the script's run time, and the end including time spent waiting for addresses. */
let deadline = 0;
let end = 0;
const remembered = new Map<string, string>();

function start(): void {
  deadline = Date.now() + limits.run;
  end = Date.now() + limits.total;
  remembered.clear();
}

const outOfTime = (): boolean => Date.now() > deadline;

/** Requests data from the main thread and waits. Waiting does not count as run time, but the total time is limited. */
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

/** Formats addresses with equal lengths per family, so that they can be compared as strings. */
function hexOf(address: string): string {
  const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');
  const parts = (text: string): string[] => text.split(':').filter((part) => part !== '');
  if (isIP(address) === 4)
    return address
      .split('.')
      .map((part) => hex(Number(part), 2))
      .join('');
  // URLs contain the short form, without an embedded IPv4 address.
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

/** Checks the result inside QuickJS, because converting a value outside could run more of the script. */
const CALL = `(url, host) => {
  const find = typeof FindProxyForURLEx === 'function' ? FindProxyForURLEx : FindProxyForURL;
  const result = find(url, host);
  if (result === undefined || result === null) return '';
  if (typeof result !== 'string') throw 'the result is not a string';
  if (result.length > ${limits.result}) throw 'the result is too long';
  return result;
}`;

/** Returns the script's error message. Reading it may run script code, so the time is limited. */
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
