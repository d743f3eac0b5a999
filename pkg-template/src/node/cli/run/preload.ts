import type { RunContext, Variables } from './context.js';

/** Placeholder */
export function nodeOptions(_context: RunContext): Variables {
  return {};
}
