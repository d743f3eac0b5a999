import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { DiagnosticEvents } from '../diagnostics.js';
import { printable, styler } from './terminal.js';

type Sentences = { [Name in keyof DiagnosticEvents]: (event: DiagnosticEvents[Name]) => string };

const SENTENCES: Sentences = {
  connect: ({ route, target }) => `connected to ${route === 'direct' ? target : `${route}, for ${target}`}`,
  leg: ({ peer, scheme, status }) => `sent ${scheme ?? 'a token'} to ${peer}, which answered ${status}`,
  authenticated: ({ peer, scheme }) => `${peer} accepts the credentials (${scheme ?? 'NTLM'})`,
  refused: ({ peer, code }) => `the sign-on to ${peer} has failed (${code})`,
  reused: ({ route, requests }) => `the same connection again (${route}), after ${requests} requests`,
  closed: ({ requests }) => `closed, after ${requests} ${requests === 1 ? 'request' : 'requests'}`,
};

/** Prints what happens on each connection to standard error, until the returned function is called. */
export function watchLegs(): () => void {
  const dress = styler(process.stderr);
  const watched = (Object.keys(SENTENCES) as (keyof DiagnosticEvents)[]).map((name) => {
    const onEvent = (event: unknown): void => {
      const sentence = (SENTENCES[name] as (event: unknown) => string)(event);
      const { connection } = event as { connection: number };
      process.stderr.write(`${dress('dim', `* connection ${connection}:`)} ${printable(sentence)}\n`);
    };
    subscribe(`ntlm-wasm:${name}`, onEvent);
    return [`ntlm-wasm:${name}`, onEvent] as const;
  });
  return () => {
    for (const [name, onEvent] of watched) unsubscribe(name, onEvent);
  };
}
