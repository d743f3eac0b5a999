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
  // Responses that ask are told with what they ask for.
  leg: ({ peer, status }) => (status === 401 || status === 407 ? undefined : `${peer} answers ${status}`),
  authenticated: ({ peer, scheme }) => `${peer} accepts the credentials (${scheme ?? 'NTLM'})`,
  refused: ({ peer, code }) => `the sign-on to ${peer} has failed (${code})`,
  reused: ({ route, requests }) => `the same connection again (${route}), after ${requests} requests`,
  closed: ({ requests }) => `closed, after ${requests} ${requests === 1 ? 'request' : 'requests'}`,
};

/** Prints what happens on each connection, tokens explained, to standard error, until the returned function is called. */
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

/** Explains tokens with those before them on their connection. */
function explainer(): (token: PassingToken) => { name: string; lines: string[] } {
  const earlier = new Map<string, { negotiate?: Uint8Array; challenge?: Uint8Array }>();
  return ({ connection, peer, secure, direction, value }) => {
    const scheme = value.split(/[\s,]/, 1)[0] ?? '';
    const [found] = findTokens(value);
    // A challenge without a token only says what the peer would take; what follows a scheme that we send is a secret.
    if (found === undefined) return { name: direction === 'sent' ? scheme : `an offer: ${value}`, lines: [] };
    const key = `${connection} ${peer}`;
    const decoded: Decoded = decode(found.bytes, { ...earlier.get(key), now: new Date() });
    if (direction === 'sent') earlier.set(key, { negotiate: found.bytes });
    else earlier.set(key, { ...earlier.get(key), challenge: found.bytes });
    // Without TLS there is nothing to bind to.
    const findings = decoded.findings.filter(({ id }) => secure || id !== 'no-channel-binding');
    const { name, lines } = tokenSummary({ ...decoded, findings });
    return { name: `${scheme} ${name}`, lines };
  };
}
