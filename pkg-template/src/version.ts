import { load } from './core/load.js';

/** The version of this package. */
export function version(): string {
  const { core, exchange } = load();
  return exchange.answerText(core.version());
}
