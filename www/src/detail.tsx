import type { DecodedNode } from 'ntlm-wasm';
import { useState } from 'preact/hooks';
import { fromHex, toBase64 } from './bytes.js';
import { copy } from './copy.js';

interface DetailProps {
  node: DecodedNode;
  hex: string;
  secrets: boolean;
  onReveal: () => void;
}

/** All there is to say about one node, and what can be taken from it. */
export function Detail({ node, hex, secrets, onReveal }: DetailProps) {
  const hidden = !secrets && node.sensitive === true;
  const bytes = hex.slice(2 * node.start, 2 * node.end);
  const size = node.end - node.start;
  return (
    <section class="detail" aria-labelledby="detail">
      <h2 id="detail">{node.label}</h2>
      <p class="quiet">
        {size === 0
          ? `no bytes, at ${node.start}`
          : `${size} ${size === 1 ? 'byte' : 'bytes'}, ${node.start} to ${node.end - 1}`}
        {node.sensitive === true && '. Can be used to search for the password: keep it to yourself.'}
      </p>
      {node.value !== null && !hidden && <p class="value whole">{valueOf(node)}</p>}
      {node.meaning !== '' && <p>{node.meaning}</p>}
      {node.problem !== undefined && <p class="problem">{node.problem}</p>}
      <p class="buttons">
        {hidden ? (
          <button type="button" onClick={onReveal}>
            Show it
          </button>
        ) : (
          <>
            <Copy name="hex" text={bytes} />
            <Copy name="base64" text={toBase64(fromHex(bytes))} />
            {node.value !== null && <Copy name="value" text={valueOf(node)} />}
            <Copy name="JSON" text={JSON.stringify(node, undefined, 2)} />
          </>
        )}
      </p>
      {node.bits !== undefined && <Flags bits={node.bits} />}
    </section>
  );
}

/** Flags are read in hexadecimal. */
function valueOf({ value, bits }: DecodedNode): string {
  return bits === undefined ? String(value) : `0x${Number(value).toString(16).padStart(8, '0')}`;
}

function Copy({ name, text }: { name: string; text: string }) {
  const [done, setDone] = useState(false);
  const act = async () => {
    await copy(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" onClick={act}>
      {done ? 'Copied' : `Copy ${name}`}
    </button>
  );
}

function Flags({ bits }: { bits: NonNullable<DecodedNode['bits']> }) {
  return (
    <table class="flags">
      <caption class="hidden">Flags</caption>
      <thead>
        <tr>
          <th scope="col">Set</th>
          <th scope="col">Bit</th>
          <th scope="col">Flag</th>
        </tr>
      </thead>
      <tbody>
        {bits.map(({ mask, letter, name, meaning, set }) => (
          <tr key={mask} class={set ? 'set' : 'unset'}>
            <td>{set ? 'yes' : 'no'}</td>
            <td>
              {Math.log2(mask >>> 0)} {letter}
            </td>
            <th scope="row">
              <code>{name}</code> <span class="meaning">{meaning}</span>
            </th>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
