import { RequestDispatcher } from './request-dispatcher.js';
import { checkedOptions, type DispatcherOptions, type DispatcherShape } from './shape.js';

export type { DispatcherOptions };
/**
 * A dispatcher for undici and the built-in fetch that finds the proxy and authenticates to proxies and servers.
 *
 * Each connection has one undici client, which gets the socket after authentication and never opens another. The constructor
 * throws `ERR_NTLM_INVALID_OPTION` for invalid options.
 *
 * @example
 * const dispatcher = new NtlmDispatcher({ proxy: 'http://proxy.corp.example:8080' });
 * const response = await fetch('https://www.example.com/', { dispatcher });
 */
export class NtlmDispatcher extends (RequestDispatcher as unknown as new (
  options?: DispatcherOptions,
) => DispatcherShape) {
  constructor(options: DispatcherOptions = {}) {
    super(checkedOptions(options, 'NtlmDispatcher'));
  }
}
