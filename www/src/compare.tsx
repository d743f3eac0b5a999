import { type Decoded, type DecodedNode, messageType } from 'ntlm-wasm';
import { useState } from 'preact/hooks';
import { HIDDEN } from './secrets.js';
import { nameOf } from './sequence.js';
import { flat, isOffset } from './walk.js';

interface CompareProps {
  token: Decoded;
  others: readonly Decoded[];
}

/** The fields in which two tokens differ. */
export function Compare({ token, others }: CompareProps) {
  const same = others.findIndex((other) => messageType(other) === messageType(token));
  const [chosen, setChosen] = useState(Math.max(0, same));
  const [open, setOpen] = useState(false);
  const other = others[chosen] as Decoded;
  const rows = open ? differences(token, other) : [];
  return (
    <details class="tool" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Compare with another token</summary>
      <p class="buttons">
        <label>
          Other token
          <select value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {(open ? others : []).map((one, index) => (
              <option key={index} value={index}>
                {titleOf(one)}
              </option>
            ))}
          </select>
        </label>
      </p>
      {rows.length === 0 ? (
        <p>The two tokens have the same fields.</p>
      ) : (
        <div class="scroll" role="region" aria-label="Differences" tabIndex={0}>
          <table class="flags">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">This token</th>
                <th scope="col">Other token</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ id, label, here, there }) => (
                <tr key={id}>
                  <th scope="row">{label}</th>
                  <td>{here}</td>
                  <td>{there}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

/** A token in a list: its message, and its user or server. */
function titleOf(token: Decoded): string {
  const { userName, domainName, targetInfo, targetName } = token;
  const who = userName !== undefined && userName !== '' ? `${domainName ?? ''}\\${userName}` : undefined;
  return [nameOf(token), who ?? targetInfo?.nbComputerName ?? targetName ?? `${token.bytes.length / 2} bytes`].join(
    ', ',
  );
}

function differences(one: Decoded, other: Decoded) {
  const [here, there] = [valuesOf(one), valuesOf(other)];
  return [...new Set([...here.keys(), ...there.keys()])].flatMap((id) => {
    const [first, second] = [here.get(id), there.get(id)];
    if (first?.text === second?.text) return [];
    const shown = (value: typeof first) => (value === undefined ? 'absent' : value.sensitive ? HIDDEN : value.text);
    return [{ id, label: (first ?? second)?.label ?? id, here: shown(first), there: shown(second) }];
  });
}

/** The values to compare: of the smallest fields, and of flags, by id. */
function valuesOf({ tree }: Decoded) {
  const values = new Map<string, { label: string; text: string; sensitive: boolean }>();
  const skipped = tree.children.filter(isOffset).map(({ id }) => `${id}.`);
  for (const node of flat(tree)) {
    if (isOffset(node) || skipped.some((id) => node.id.startsWith(id))) continue;
    const text = textOf(node);
    if (text !== undefined) values.set(node.id, { label: node.label, text, sensitive: node.sensitive === true });
  }
  return values;
}

function textOf({ value, bits }: DecodedNode): string | undefined {
  if (bits !== undefined)
    return bits.flatMap(({ set, name }) => (set ? [name.replace('NTLMSSP_', '')] : [])).join(', ');
  return value === null ? undefined : String(value);
}
