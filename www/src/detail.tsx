import type { DecodedBit, DecodedNode } from 'ntlm-wasm';
import { useState } from 'preact/hooks';
import { fromHex, toBase64 } from './bytes.js';
import { copy } from './copy.js';

interface DetailProps {
  node: DecodedNode;
  hex: string;
  secrets: boolean;
  onReveal: () => void;
}

/** Everything about one field. */
export function Detail({ node, hex, secrets, onReveal }: DetailProps) {
  const hidden = !secrets && node.sensitive === true;
  const bytes = hex.slice(2 * node.start, 2 * node.end);
  const size = node.end - node.start;
  return (
    <section class="detail" aria-labelledby="detail">
      <h2 id="detail">
        {node.label}{' '}
        <span class="quiet">
          {size === 0
            ? `no bytes, at ${node.start}`
            : `${size} ${size === 1 ? 'byte' : 'bytes'}, ${node.start} to ${node.end - 1}`}
        </span>
      </h2>
      {node.value !== null && !hidden && <p class="value whole">{valueOf(node)}</p>}
      {node.meaning !== '' && <p>{node.meaning}</p>}
      {node.sensitive === true && (
        <p class="quiet">The password can be guessed offline from this value: do not disclose it.</p>
      )}
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

/** The value as text; flags in hexadecimal. */
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

/** The set flags; the others are folded. */
function Flags({ bits }: { bits: readonly DecodedBit[] }) {
  const unset = bits.filter(({ set }) => !set);
  return (
    <>
      <FlagTable caption="Set flags" bits={bits.filter(({ set }) => set)} />
      {unset.length > 0 && (
        <details>
          <summary>{unset.length} flags are not set</summary>
          <FlagTable caption="Flags that are not set" bits={unset} />
        </details>
      )}
    </>
  );
}

function FlagTable({ caption, bits }: { caption: string; bits: readonly DecodedBit[] }) {
  return (
    <table class="flags">
      <caption class="hidden">{caption}</caption>
      <thead class="hidden">
        <tr>
          <th scope="col">Bit</th>
          <th scope="col">Flag</th>
        </tr>
      </thead>
      <tbody>
        {bits.map(({ mask, letter, name, meaning }) => (
          <tr key={mask}>
            <td class="quiet">
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
