import type { RelayedRequest } from '../proxy/proxy-options.js';
import { printable, styler } from './terminal.js';

const dress = styler(process.stderr);

/** One line of the local proxy's log; what failed gets its reason, and what to do, below it. */
export function requestLine({ method, target, status, error, milliseconds }: RelayedRequest): string {
  const colour = status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green';
  const line = `${dress(colour, String(status))} ${method} ${printable(target)} ${dress('dim', `${Math.round(milliseconds)} ms`)}`;
  return error === undefined
    ? line
    : `${line}\n    ${printable(error.message)} (${error.code})\n    ${printable(error.advice)}`;
}
