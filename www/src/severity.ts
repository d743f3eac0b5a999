import type { Finding } from 'ntlm-wasm';

/** The names of the severities, worst first. */
export const SEVERITIES: Readonly<Record<Finding['severity'], string>> = {
  broken: 'Broken',
  dangerous: 'Dangerous',
  weak: 'Weak',
  note: 'Note',
};

const ORDER = Object.keys(SEVERITIES);

export function worstFirst(one: Finding, other: Finding): number {
  return ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity);
}
