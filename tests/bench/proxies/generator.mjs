/**
 * Makes load through a proxy with bare sockets, so that the generator costs little compared with what it measures: keep-alive requests, new
 * tunnels, big bodies. It knows no authentication but the secret in the proxy's URL.
 */
import { connect } from 'node:net';
import { serveQuestions } from '../lib/worker-process.mjs';

const TIMEOUT_MS = 15_000;

function open(url) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: url.port, noDelay: true });
    socket.once('connect', () => resolve(socket)).once('error', reject);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('timeout')));
  });
}

function credentials(proxy) {
  if (proxy.username === '') return '';
  const text = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Proxy-Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`;
}

/** Sends a request and counts the answer's bytes away; the length must be known from the head. */
function exchange(socket, text, { headOnly = false } = {}) {
  return new Promise((resolve, reject) => {
    let head = '';
    let left;
    const done = (error, value) => {
      socket.off('data', data).off('error', failed).off('close', closed);
      if (error) reject(error);
      else resolve(value);
    };
    let answer;
    const data = (chunk) => {
      if (left === undefined) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        const status = Number(head.slice(9, 12));
        const length = headOnly ? 0 : Number(/^content-length: *(\d+)/im.exec(head.slice(0, end))?.[1] ?? Number.NaN);
        if (Number.isNaN(length)) return done(new Error('an answer without a length'));
        answer = { status, length, keep: !/^(proxy-)?connection: *close/im.test(head.slice(0, end)) };
        left = length - (head.length - end - 4);
      } else {
        left -= chunk.length;
      }
      if (left <= 0) done(undefined, answer);
    };
    const failed = (error) => done(error);
    const closed = () => done(new Error('closed before the end'));
    socket.on('data', data).on('error', failed).on('close', closed);
    if (socket.destroyed) closed();
    else socket.write(text);
  });
}

/** A tunnel to the target. There is no TLS in it, which would cost the generator more than any proxy. */
async function tunnel(proxy, target) {
  const socket = await open(proxy);
  try {
    const text = `CONNECT ${target.host} HTTP/1.1\r\nHost: ${target.host}\r\n${credentials(proxy)}\r\n`;
    const { status } = await exchange(socket, text, { headOnly: true });
    if (status !== 200) throw new Error(`CONNECT: status ${status}`);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** The connections of the last question, if the next one uses them again. */
const kept = [];
/** The tunnels of the last question. */
const idle = [];

const TASKS = {
  /** Small requests over so many connections, which are opened again whenever the proxy closes one. */
  async requests({ proxy, url, connections, milliseconds, targets = 1, keep: keeps = false }) {
    const via = new URL(proxy);
    const secret = credentials(via);
    const texts = Array.from({ length: targets }, (_, number) => {
      const target = new URL(url);
      if (targets > 1) target.hostname = `${number}.${target.hostname}`;
      return `GET ${target} HTTP/1.1\r\nHost: ${target.host}\r\n${secret}Proxy-Connection: keep-alive\r\n\r\n`;
    });
    const spare = kept.splice(0).filter((socket) => !socket.destroyed);
    for (const socket of spare.splice(connections)) socket.destroy();
    let next = 0;
    return during(milliseconds, connections, async (lane) => {
      lane.socket ??= spare.pop() ?? (await open(via));
      lane.kept = keeps;
      const { status, keep } = await exchange(lane.socket, texts[(next += 1) % targets]);
      if (!keep) lane.drop();
      if (status !== 200) throw new Error(`status ${status}`);
    });
  },
  /** Small requests inside so many tunnels, which stay open as long as both ends keep them. */
  async insideTunnels({ proxy, url, connections, milliseconds }) {
    const [via, target] = [new URL(proxy), new URL(url)];
    const text = `GET ${target.pathname} HTTP/1.1\r\nHost: ${target.host}\r\n\r\n`;
    return during(milliseconds, connections, async (lane) => {
      lane.socket ??= await tunnel(via, target);
      const { status, keep } = await exchange(lane.socket, text);
      if (!keep) lane.drop();
      if (status !== 200) throw new Error(`status ${status}`);
    });
  },
  /** Opens idle tunnels, as many as the proxy can within the time, and keeps them until the next question. */
  async idle({ proxy, target, count, milliseconds }) {
    for (const socket of idle.splice(0)) socket.destroy();
    const via = new URL(proxy);
    const end = performance.now() + milliseconds;
    let reason;
    const lane = async () => {
      while (idle.length < count && performance.now() < end && reason === undefined) {
        try {
          idle.push(await tunnel(via, { host: target }));
        } catch (error) {
          reason = error.message;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    return { open: idle.length, reason };
  },
  /** A new tunnel with one small request in it, again and again. */
  async tunnels({ proxy, url, connections, milliseconds }) {
    const [via, target] = [new URL(proxy), new URL(url)];
    const text = `GET ${target.pathname} HTTP/1.1\r\nHost: ${target.host}\r\nConnection: close\r\n\r\n`;
    return during(milliseconds, connections, async () => {
      const socket = await tunnel(via, target);
      try {
        await exchange(socket, text);
      } finally {
        socket.destroy();
      }
    });
  },
};

/** So many lanes for so long; failures are counted, and end a lane's connection. */
async function during(milliseconds, lanes, work) {
  const end = performance.now() + milliseconds;
  let done = 0;
  let failed = 0;
  let reason;
  const times = [];
  const run = async () => {
    const lane = {
      drop() {
        this.socket?.destroy();
        this.socket = undefined;
      },
    };
    while (performance.now() < end) {
      const start = performance.now();
      try {
        await work(lane);
        times.push(performance.now() - start);
        done += 1;
      } catch (error) {
        lane.drop();
        failed += 1;
        reason = error.message;
      }
    }
    if (lane.kept && lane.socket !== undefined) kept.push(lane.socket);
    else lane.drop();
  };
  await Promise.all(Array.from({ length: lanes }, run));
  return { done, failed, reason, ...percentiles(times) };
}

/** Milliseconds of one piece of work: the median, and what one in a hundred exceeds. */
function percentiles(times) {
  const sorted = times.sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  return { p50: at(0.5), p99: at(0.99) };
}

await serveQuestions(async ({ task, ...details }) => {
  const start = performance.now();
  const result = await TASKS[task](details);
  return { seconds: (performance.now() - start) / 1000, ...result };
});
