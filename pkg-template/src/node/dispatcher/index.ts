import { RequestDispatcher } from './request-dispatcher.js';
import { checkedOptions, type DispatcherOptions, type DispatcherShape } from './shape.js';

export type { DispatcherOptions };
/**
 * For undici and for the built-in fetch: `fetch(url, { dispatcher })`. Each connection has an undici client of its own,
 * which is handed the socket after the sign-on and never opens another.
 */
export class NtlmDispatcher extends (RequestDispatcher as unknown as new (
  options?: DispatcherOptions,
) => DispatcherShape) {
  constructor(options: DispatcherOptions = {}) {
    super(checkedOptions(options, 'NtlmDispatcher'));
  }
}
