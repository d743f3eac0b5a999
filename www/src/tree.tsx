import type { DecodedNode } from 'ntlm-wasm';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { HIDDEN } from './secrets.js';
import { pathTo, visible } from './walk.js';

interface TreeProps {
  /** Distinguishes the ids of its elements from those of other trees. */
  name: string;
  tree: DecodedNode;
  open: ReadonlySet<string>;
  selected: string | undefined;
  /** The field below the pointer, here or in the bytes. */
  hovered: string | undefined;
  secrets: boolean;
  onOpen: (id: string, open: boolean) => void;
  onSelect: (id: string) => void;
  onHover: (id: string | undefined) => void;
  /** Details of the selected field, shown below its row where there is no room next to it. */
  detail: ComponentChildren;
}

/** The fields as a tree, with its usual keys: arrows, Home, End, Enter. */
export function Tree(props: TreeProps) {
  const { name, tree, open, selected, onOpen, onSelect, onHover } = props;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const item = list.current?.querySelector('[aria-selected=true]');
    item?.scrollIntoView({ block: 'nearest' });
  }, [selected]);

  const walk = (event: KeyboardEvent) => {
    // Buttons in the details below a row have their own keys.
    const { id: focused } = event.target as HTMLElement;
    if (!focused.startsWith(`node-${name}.`)) return;
    const rows = visible(tree, open);
    const index = rows.findIndex(({ id }) => focused === `node-${name}.${id}`);
    const node = rows[index];
    let next: DecodedNode | undefined;
    if (event.key === 'ArrowDown') next = rows[selected === undefined ? 0 : index + 1];
    else if (event.key === 'ArrowUp') next = rows[index - 1];
    else if (event.key === 'Home') next = rows[0];
    else if (event.key === 'End') next = rows.at(-1);
    else if (event.key === 'ArrowRight' && node !== undefined && node.children.length > 0) {
      if (open.has(node.id)) next = node.children[0];
      else onOpen(node.id, true);
    } else if (event.key === 'ArrowLeft' && node !== undefined) {
      if (open.has(node.id)) onOpen(node.id, false);
      else next = pathTo(tree, node.id).at(-2);
    } else if ((event.key === 'Enter' || event.key === ' ') && node !== undefined) {
      if (selected === node.id) onOpen(node.id, !open.has(node.id));
      else next = node;
    } else return;
    event.preventDefault();
    if (next !== undefined) {
      onSelect(next.id);
      // At once, because the next key acts on the focused row.
      document.getElementById(`node-${name}.${next.id}`)?.focus();
    }
  };

  return (
    <ul
      class="tree"
      role="tree"
      aria-label="Fields of the token"
      ref={list}
      onKeyDown={walk}
      onMouseLeave={() => onHover(undefined)}
    >
      {tree.children.map((node, index) => (
        <Item key={node.id} {...props} node={node} level={1} first={selected === undefined && index === 0} />
      ))}
    </ul>
  );
}

function Item(props: TreeProps & { node: DecodedNode; level: number; first: boolean }) {
  const { name, node, level, first, open, selected, hovered, secrets, onOpen, onSelect, onHover } = props;
  const inner = node.children.length > 0;
  const isOpen = inner && open.has(node.id);
  const select = () => {
    onSelect(node.id);
    if (inner && (selected === node.id || !isOpen)) onOpen(node.id, !isOpen);
  };
  return (
    <li role="none">
      <div
        role="treeitem"
        id={`node-${name}.${node.id}`}
        class={hovered === node.id ? 'row hovered' : 'row'}
        aria-level={level}
        aria-selected={selected === node.id}
        aria-expanded={inner ? isOpen : undefined}
        aria-owns={isOpen ? `within-${name}.${node.id}` : undefined}
        tabIndex={selected === node.id || first ? 0 : -1}
        onClick={select}
        onMouseEnter={() => onHover(node.id)}
      >
        <span class="mark" aria-hidden="true">
          {inner ? (isOpen ? '▾' : '▸') : ''}
        </span>
        <span class="label">{node.label}</span> <Value node={node} hidden={!secrets && node.sensitive === true} />
        {node.problem !== undefined && <span class="problem">{node.problem}</span>}
      </div>
      {selected === node.id && props.detail !== undefined && (
        <div role="treeitem" aria-level={level + 1} aria-selected="false" class="below">
          {props.detail}
        </div>
      )}
      {isOpen && (
        <ul role="group" id={`within-${name}.${node.id}`}>
          {node.children.map((child) => (
            <Item key={child.id} {...props} node={child} level={level + 1} first={false} />
          ))}
        </ul>
      )}
    </li>
  );
}

const LONGEST = 40;

function shortened(value: string): string {
  if (/^0{16,}$/.test(value)) return `${value.length / 2} zero bytes`;
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
}

function Value({ node: { value, meaning, bits }, hidden }: { node: DecodedNode; hidden: boolean }) {
  const shown = hidden ? HIDDEN : bits !== undefined ? '' : shortened(String(value ?? ''));
  return (
    <>
      {shown !== '' && <span class={hidden ? 'value quiet' : 'value'}>{shown}</span>}{' '}
      {meaning !== '' && <span class="meaning">{meaning}</span>}
    </>
  );
}
