import type { DecodedNode } from 'ntlm-wasm';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { fromHex } from './bytes.js';
import { nodeAt } from './walk.js';

const ROW = 16;

interface HexProps {
  hex: string;
  tree: DecodedNode;
  /** From the outermost to the innermost: each level shows in the bytes. */
  path: readonly DecodedNode[];
  /** The first byte of what is selected: it is brought into sight. */
  focus: number | undefined;
  onHover: (id: string | undefined) => void;
  onSelect: (id: string) => void;
}

/** The bytes, in hexadecimal and as text. */
export function Hex({ hex, tree, path, focus, onHover, onSelect }: HexProps) {
  const bytes = useMemo(() => fromHex(hex), [hex]);
  const lines = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const area = lines.current;
    const line = focus === undefined ? undefined : (area?.children[Math.floor(focus / ROW)] as HTMLElement | undefined);
    if (area === null || line === undefined) return;
    const top = line.offsetTop;
    const shown = top >= area.scrollTop && top + line.offsetHeight <= area.scrollTop + area.clientHeight;
    if (!shown) area.scrollTop = top - area.clientHeight / 3;
  }, [focus]);
  const idAt = (event: Event) => {
    const at = (event.target as HTMLElement).dataset['at'];
    return at === undefined ? undefined : nodeAt(tree, Number(at)).id;
  };
  const level = (at: number) => path.filter(({ start, end }) => start <= at && at < end).length;
  const look = (at: number) => {
    const depth = level(at);
    if (depth === 0) return undefined;
    return depth === path.length ? 'on' : depth === path.length - 1 ? 'near' : 'around';
  };
  const rows = [];
  for (let start = 0; start < bytes.length; start += ROW) {
    const row = Array.from(bytes.subarray(start, start + ROW), (byte, i) => ({
      at: start + i,
      byte,
      look: look(start + i),
    }));
    rows.push(
      <div class="line" key={start}>
        <span class="offset">{start.toString(16).padStart(4, '0')}</span>
        <span class="codes">
          {row.map(({ at, byte, look }) => (
            <span key={at} data-at={at} class={look}>
              {byte.toString(16).padStart(2, '0')}
            </span>
          ))}
        </span>
        <span class="text">
          {row.map(({ at, byte, look }) => (
            <span key={at} data-at={at} class={look}>
              {byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'}
            </span>
          ))}
        </span>
      </div>,
    );
  }
  return (
    <div
      class="hex"
      ref={lines}
      role="region"
      aria-label="Bytes of the token"
      tabIndex={0}
      onMouseOver={(event) => onHover(idAt(event))}
      onMouseLeave={() => onHover(undefined)}
      onClick={(event) => {
        const id = idAt(event);
        if (id !== undefined) onSelect(id);
      }}
    >
      {rows}
    </div>
  );
}
