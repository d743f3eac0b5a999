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

/** Prints a message: its sender, and each part decoded. */
function describe(leg) {
  const arrow = leg.direction === 'received' ? 'client → proxy' : 'proxy → client';
  console.log(`\n${arrow}   ${leg.scheme} ${leg.token.slice(0, 40)}… (${leg.token.length} characters)`);
  for (const node of [decode(leg.token).tree].flat()) print(node, 2);
}

/**
 * A part with a value is one line; one without, or with a long one, is a heading for its own parts. What only says where
 * another part lies, or that a list ends, is left out.
 */
function print({ label, value, meaning, children }, indent) {
  if (/Fields$|^Reserved|^MsvAvEOL$/.test(label)) return;
  const isLong = typeof value === 'string' && value.length > 64;
  const shown = isLong ? `${value.slice(0, 48)}…` : label === 'NegotiateFlags' ? '' : value;
  const text = [shown, meaning].filter((part) => part !== null && part !== '').join('  ');
  console.log(`${' '.repeat(indent)}${label.padEnd(34 - indent)} ${text}`.trimEnd());
  if (value === null || isLong) for (const child of children) print(child, indent + 2);
}
