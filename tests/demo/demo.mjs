// What `cargo xtask demo` shows: a page fetched through the built-in NTLM proxy, plain and through a CONNECT tunnel,
// and the three messages of the first handshake as the decoder reads them.

import { decode } from 'ntlm-wasm';
import { createFetch, demoAccount, startServer } from 'ntlm-wasm/node';

const legs = [];
const proxy = await startServer({ role: 'proxy', onLeg: (leg) => legs.push(leg) });
const open = await startServer({ role: 'none' });
const secure = await startServer({ role: 'none', tls: true });
const fetchThroughProxy = createFetch({
  proxy: proxy.url,
  credentials: demoAccount,
  tls: { ca: secure.certificate },
});

try {
  const plain = await get(open.url);
  for (const leg of legs) describe(leg);
  console.log(`\n${plain.url}\n  through the proxy: status ${plain.status}`);
  const tunnelled = await get(secure.url);
  console.log(`${tunnelled.url}\n  through a CONNECT tunnel: status ${tunnelled.status}`);
  if (plain.status !== 200 || tunnelled.status !== 200) process.exitCode = 1;
} finally {
  await Promise.all([proxy, open, secure].map((server) => server.close()));
}

async function get(base) {
  const url = new URL('/', base).href;
  const response = await fetchThroughProxy(url);
  await response.text();
  return { url, status: response.status };
}

/** Prints a message: who sends it, and every field the decoder found. */
function describe(leg) {
  const { type, tree, findings, ...fields } = decode(leg.token);
  const arrow = leg.direction === 'received' ? 'client → proxy' : 'proxy → client';
  const names = { 1: 'NEGOTIATE_MESSAGE', 2: 'CHALLENGE_MESSAGE', 3: 'AUTHENTICATE_MESSAGE' };
  console.log(`\n${arrow}  ${names[type] ?? type} (${leg.token.length} characters of base64)`);
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const text = name === 'negotiateFlags' ? `0x${value.toString(16).padStart(8, '0')}` : shown(value);
    console.log(`  ${name.padEnd(28)} ${text}`);
  }
}

function shown(value) {
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value).toString('hex');
    return hex.length <= 64 ? hex : `${hex.slice(0, 64)}… (${value.length} bytes)`;
  }
  if (typeof value === 'object' && value !== null)
    return JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? shown(part) : part));
  return String(value);
}
