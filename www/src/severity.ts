import type { Severity } from 'ntlm-wasm';

/** The names of the severities. */
export const SEVERITIES: Readonly<Record<Severity, string>> = {
  broken: 'Broken',
  dangerous: 'Dangerous',
  weak: 'Weak',
  note: 'Note',
};
