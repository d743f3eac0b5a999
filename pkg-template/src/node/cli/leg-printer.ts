import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { decode, findTokens } from '../../decode.js';
import type { Decoded } from '../../decoded.js';
import type { DiagnosticEvents } from '../diagnostics.js';
import { type PassingToken, watchTokens } from '../diagnostics.js';
import { wrapped } from './arguments.js';
import { printable, styler } from './terminal.js';
import { tokenSummary } from './token-summary.js';

type Printed = Omit<DiagnosticEvents, 'unnamed'>;
type Sentences = { [Name in keyof Printed]: (event: Printed[Name]) => string | undefined };

const SENTENCES: Sentences = {
  connect: ({ route, target }) => `connected to ${route === 'direct' ? target : `${route}, for ${target}`}`,
  // Challenges are printed with their tokens.
  leg: ({ peer, status }) => (status === 401 || status === 407 ? undefined : `${peer} answers ${status}`),
  authenticated: ({ peer, scheme }) => `${peer} accepts the credentials (${scheme ?? 'NTLM'})`,
  refused: ({ peer, code }) => `authentication to ${peer} failed (${code})`,
  reused: ({ route, requests }) => `reused (${route}) after ${requests} requests`,
  closed: ({ requests }) => `closed after ${requests} ${requests === 1 ? 'request' : 'requests'}`,
};

/** Prints the events of each connection, with explained tokens, to standard error. Returns a function that stops this. */
export function watchLegs(): () => void {
  const dress = styler(process.stderr);
  const say = (connection: number, sentence: string, lines: readonly string[] = []): void => {
    process.stderr.write(`${dress('dim', `* connection ${connection}:`)} ${printable(sentence)}\n`);
    for (const line of lines) process.stderr.write(`${dress('dim', wrapped(line, 6))}\n`);
  };
  const watched = (Object.keys(SENTENCES) as (keyof Printed)[]).map((name) => {
    const onEvent = (event: unknown): void => {
      const sentence = (SENTENCES[name] as (event: unknown) => string | undefined)(event);
      if (sentence !== undefined) say((event as { connection: number }).connection, sentence);
    };
    subscribe(`ntlm-wasm:${name}`, onEvent);
    return [`ntlm-wasm:${name}`, onEvent] as const;
  });
  const explain = explainer();
  const unwatch = watchTokens((token) => {
    const { name, lines } = explain(token);
    const { connection, peer, direction, status } = token;
    say(
      connection,
      direction === 'sent' ? `sends ${name} to ${peer}` : `${peer} answers ${status} with ${name}`,
      lines,
    );
  });
  return () => {
    for (const [name, onEvent] of watched) unsubscribe(name, onEvent);
    unwatch();
  };
}

/** Explains each token in the context of the earlier tokens on its connection. */
function explainer(): (token: PassingToken) => { name: string; lines: string[] } {
  const earlier = new Map<string, { negotiate?: Uint8Array; challenge?: Uint8Array }>();
  return ({ connection, peer, secure, direction, value }) => {
    const scheme = value.split(/[\s,]/, 1)[0] ?? '';
    const [found] = findTokens(value);
    // A challenge without a token only offers a scheme. The value after a scheme that is sent is a secret.
    if (found === undefined) return { name: direction === 'sent' ? scheme : `an offer: ${value}`, lines: [] };
    const key = `${connection} ${peer}`;
    const decoded: Decoded = decode(found.bytes, { ...earlier.get(key), now: new Date() });
    if (direction === 'sent') earlier.set(key, { negotiate: found.bytes });
    else earlier.set(key, { ...earlier.get(key), challenge: found.bytes });
    // Channel bindings exist only with TLS.
    const findings = decoded.findings.filter(({ id }) => secure || id !== 'no-channel-binding');
    const { name, lines } = tokenSummary({ ...decoded, findings });
    return { name: `${scheme} ${name}`, lines };
  };
}
