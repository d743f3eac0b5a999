import type { DecodedNode } from 'ntlm-wasm';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { fromHex } from './bytes.js';
import { useMedia } from './media.js';
import { hiddenBytes } from './secrets.js';
import { nodeAt } from './walk.js';

interface HexProps {
  hex: string;
  tree: DecodedNode;
  /** From the outermost to the innermost: each level shows in the bytes. */
  path: readonly DecodedNode[];
  /** The first byte of what is selected: it is brought into sight. */
  focus: number | undefined;
  secrets: boolean;
  onHover: (id: string | undefined) => void;
  onSelect: (id: string) => void;
}

/** The bytes, in hexadecimal and as text. */
export function Hex({ hex, tree, path, focus, secrets, onHover, onSelect }: HexProps) {
  // So that a line with its text fits on a telephone.
  const width = useMedia('(max-width: 40rem)') ? 8 : 16;
  const bytes = useMemo(() => fromHex(hex), [hex]);
  const isHidden = useMemo(() => hiddenBytes(tree), [tree]);
  const lines = useRef<HTMLDivElement>(null);
  /** The byte that the arrow keys have come to. */
  const cursor = useRef(0);
  if (focus !== undefined && nodeAt(tree, cursor.current).start !== focus) cursor.current = focus;
  useEffect(() => {
    const area = lines.current;
    const line =
      focus === undefined ? undefined : (area?.children[Math.floor(focus / width)] as HTMLElement | undefined);
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
  const level = (at: number) => path.filter(({ start, end }) => start <= at && at < end).length;
  const look = (at: number) => {
    const depth = level(at);
    if (depth === 0) return undefined;
    return depth === path.length ? 'on' : depth === path.length - 1 ? 'near' : 'around';
  };
  const rows = [];
  for (let start = 0; start < bytes.length; start += width) {
    const row = Array.from(bytes.subarray(start, start + width), (byte, i) => {
      const at = start + i;
      const hidden = !secrets && isHidden(at);
      const code = hidden ? '··' : byte.toString(16).padStart(2, '0');
      const text = !hidden && byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
      return { at, code, text, look: look(at) };
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
  return (
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
  );
}
