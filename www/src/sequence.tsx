import { type Decoded, messageType } from 'ntlm-wasm';
import { isFromClient } from './tokens.js';

const NAMES: Readonly<Record<string, string>> = { 1: '1 Negotiate', 2: '2 Challenge', 3: '3 Authenticate' };

interface SequenceProps {
  tokens: readonly Decoded[];
  chosen: number;
  onChoose: (token: number) => void;
}

/** The legs of the handshake, from top to bottom, between the client and the proxy or server. */
export function Sequence({ tokens, chosen, onChoose }: SequenceProps) {
  const result = tokens.findLast(({ source }) => source.status !== undefined)?.source.status;
  const last = tokens.at(-1);
  return (
    <section class="sequence" aria-label="Sequence">
      <p class="ends" aria-hidden="true">
        <span>Client</span>
        <span>{peerOf(tokens)}</span>
      </p>
      <ol>
        {tokens.map((token, index) => (
          <li key={index} class={isFromClient(token) ? 'from-client' : 'from-server'}>
            <button type="button" aria-pressed={index === chosen} onClick={() => onChoose(index)}>
              <span class="message">{nameOf(token)}</span>
              <span class="quiet">
                {carrierOf(token)}
                {token.bytes.length / 2} bytes
              </span>
            </button>
            <span class="when quiet">{timeOf(token, tokens[index - 1])}</span>
          </li>
        ))}
        {result !== undefined && last !== undefined && isFromClient(last) && (
          <li class="from-server result">
            <span class={result < 400 ? 'status good' : 'status bad'}>HTTP {result}</span>
          </li>
        )}
      </ol>
    </section>
  );
}

/** The message's name, as on the buttons of the sequence. */
export function nameOf(token: Decoded): string {
  const name = NAMES[String(messageType(token))];
  if (token.type !== 'spnego') return name ?? 'Unknown';
  return name === undefined ? 'SPNEGO' : `${name} in SPNEGO`;
}

function peerOf(tokens: readonly Decoded[]): string {
  const headers = tokens.map(({ source }) => source.header.toLowerCase());
  return headers.some((header) => header.startsWith('proxy-')) ? 'Proxy' : 'Server';
}

/** How the token was sent, as `curl -v` prints it: header and scheme, or the protocol; before it the status of a response. */
function carrierOf(token: Decoded): string {
  const { header, scheme, protocol, status } = token.source;
  const before = !isFromClient(token) && status !== undefined ? `${status} ` : '';
  if (header !== '') return `${before}${header}: ${scheme} … `;
  return protocol === undefined ? before : `${before}${protocol} `;
}

/** The time of the first token, and the time since the one before for the others. */
function timeOf({ source: { time } }: Decoded, before: Decoded | undefined): string {
  if (time === undefined) return '';
  const elapsed = before?.source.time === undefined ? NaN : Date.parse(time) - Date.parse(before.source.time);
  if (!Number.isFinite(elapsed) || elapsed < 0) return time.slice(11, 19);
  return elapsed < 10_000 ? `+${Math.round(elapsed)} ms` : `+${Math.round(elapsed / 1000)} s`;
}
