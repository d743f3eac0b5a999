import type { ClientRequest } from 'node:http';
import { hostPort } from '../routes/route.js';
import type { AgentRequestOptions } from './request-destination.js';

/**
 * A request asks its agent for the default port before it says whether it is one for `http:` or `https:`, and ours
 * serves both. It is told this, which no URL can hold, and which tells afterwards that no port was named. (Others look
 * for "https" in a stack trace, which costs 11 µs a request.)
 */
export const USUAL_PORT = 0.5;

/** Puts in the real one, as if the request had been told at once. */
export function settlePort(request: ClientRequest, options: AgentRequestOptions, secure: boolean): void {
  const usual = secure ? 443 : 80;
  if (options.port === USUAL_PORT) {
    options.port = usual;
    return;
  }
  // A usual port that was named has been compared with the stand-in, and is now spelt out in the Host field.
  if (Number(options.port) !== usual || request.headersSent) return;
  const host = options.host ?? 'localhost';
  if (request.getHeader('host') !== hostPort(host, usual)) return;
  request.setHeader('Host', host.includes(':') ? `[${host}]` : host);
}
