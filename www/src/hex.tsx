import type { DecodedNode } from 'ntlm-wasm';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { fromHex } from './bytes.js';
import { type Kind, kindOf, KINDS } from './kinds.js';
import { useMedia } from './media.js';
import { hiddenBytes } from './secrets.js';
import { nodeAt } from './walk.js';

interface HexProps {
  hex: string;
  tree: DecodedNode;
  /** The selected field and its parents, outermost first. Each level is marked in the bytes. */
  path: readonly DecodedNode[];
  /** The first byte of the selection, which is scrolled into view. */
  focus: number | undefined;
  secrets: boolean;
  onHover: (id: string | undefined) => void;
  onSelect: (id: string) => void;
}

/** Bytes shown at once. More would make the page slow. */
const MOST_BYTES = 4096;

/** The bytes in hexadecimal and as text, colored by the kind of their field. */
export function Hex({ hex, tree, path, focus, secrets, onHover, onSelect }: HexProps) {
  // Eight bytes and their text fit on a phone.
  const width = useMedia('(max-width: 40rem)') ? 8 : 16;
  const bytes = useMemo(() => fromHex(hex), [hex]);
  const isHidden = useMemo(() => hiddenBytes(tree), [tree]);
  const [chosenStart, setStart] = useState(0);
  const first = focus === undefined ? chosenStart : Math.floor(focus / MOST_BYTES) * MOST_BYTES;
  const end = Math.min(first + MOST_BYTES, bytes.length);
  const kinds = useMemo(
    () => Array.from({ length: end - first }, (_, i) => kindOf(nodeAt(tree, first + i))),
    [tree, first, end],
  );
  const lines = useRef<HTMLDivElement>(null);
  /** The byte at the keyboard cursor. */
  const cursor = useRef(0);
  if (focus !== undefined && nodeAt(tree, cursor.current).start !== focus) cursor.current = focus;
  useEffect(() => {
    const area = lines.current;
    const line =
      focus === undefined
        ? undefined
        : (area?.children[Math.floor((focus - first) / width)] as HTMLElement | undefined);
    if (area === null || line === undefined) return;
    const top = line.offsetTop;
    const shown = top >= area.scrollTop && top + line.offsetHeight <= area.scrollTop + area.clientHeight;
    if (!shown) area.scrollTop = top - area.clientHeight / 3;
  }, [focus, width]);
  const idAt = (event: Event) => {
    const at = (event.target as HTMLElement).dataset['at'];
    return at === undefined ? undefined : nodeAt(tree, Number(at)).id;
  };
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    cursor.current = Math.max(0, Math.min(bytes.length - 1, cursor.current + step));
    onSelect(nodeAt(tree, cursor.current).id);
  };
  const mark = (at: number) => {
    const depth = path.filter(({ start, end }) => start <= at && at < end).length;
    if (depth === 0) return '';
    return depth === path.length ? ' on' : ' near';
  };
  const rows = [];
  for (let start = first; start < end; start += width) {
    const row = Array.from(bytes.subarray(start, Math.min(start + width, end)), (byte, i) => {
      const at = start + i;
      const hidden = !secrets && isHidden(at);
      const code = hidden ? '··' : byte.toString(16).padStart(2, '0');
      const text = !hidden && byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
      return { at, code, text, look: `kind-${kinds[at - first] as Kind}${mark(at)}` };
    });
    rows.push(
      <div class="line" key={start}>
        <span class="offset">{start.toString(16).padStart(4, '0')}</span>
        <span class="codes">
          {row.map(({ at, code, look }) => (
            <span key={at} data-at={at} class={look}>
              {code}
            </span>
          ))}
        </span>
        <span class="text">
          {row.map(({ at, text, look }) => (
            <span key={at} data-at={at} class={look}>
              {text}
            </span>
          ))}
        </span>
      </div>,
    );
  }
  const used = new Set(kinds);
  const move = (start: number) => {
    setStart(start);
    onSelect(nodeAt(tree, start).id);
  };
  return (
    <>
      <div
        class="hex"
        ref={lines}
        role="region"
        aria-label="Bytes of the token"
        tabIndex={0}
        onKeyDown={walk}
        onMouseOver={(event) => onHover(idAt(event))}
        onMouseLeave={() => onHover(undefined)}
        onClick={(event) => {
          const id = idAt(event);
          if (id !== undefined) onSelect(id);
        }}
      >
        {rows}
      </div>
      {bytes.length > MOST_BYTES && (
        <p class="buttons quiet">
          Bytes {first} to {end - 1} of {bytes.length}
          <button type="button" disabled={first === 0} onClick={() => move(first - MOST_BYTES)}>
            Previous
          </button>
          <button type="button" disabled={end === bytes.length} onClick={() => move(first + MOST_BYTES)}>
            Next
          </button>
        </p>
      )}
      <ul class="legend" aria-label="Colors of the bytes">
        {KINDS.filter(([kind]) => used.has(kind)).map(([kind, name]) => (
          <li key={kind}>
            <span class={`swatch kind-${kind}`} aria-hidden="true" />
            {name}
          </li>
        ))}
      </ul>
    </>
  );
}
