import { type Conversation, type Decoded, messageType } from 'ntlm-wasm';
import { useEffect, useState } from 'preact/hooks';
import { Answer } from './answer.js';
import { fromHex, toBase64 } from './bytes.js';
import { Compare } from './compare.js';
import { Detail } from './detail.js';
import { Hex } from './hex.js';
import { useMedia } from './media.js';
import { Password } from './password.js';
import { hasSecrets } from './secrets.js';
import { nameOf, Sequence } from './sequence.js';
import { Share } from './share-button.js';
import { handshakeOf, mostTelling } from './tokens.js';
import { Tree } from './tree.js';
import { filtered, flat, isOffset, nodeAt, openAtFirst, pathTo } from './walk.js';

interface ConversationProps {
  conversation: Conversation;
  /** All tokens of the input, to compare with. */
  all: readonly Decoded[];
}

/** One handshake: the answer, its legs, and the fields and bytes of one message. */
export function ConversationView({ conversation, all }: ConversationProps) {
  const { tokens } = conversation;
  const [chosen, setChosen] = useState(() => mostTelling(tokens));
  const [wanted, setWanted] = useState<{ id: string }>();
  const token = tokens[chosen] as Decoded;
  const show = (index: number, id: string) => {
    setChosen(index);
    setWanted({ id });
  };
  const handshake = handshakeOf(tokens);
  return (
    <>
      <div class="overview">
        <Answer conversation={conversation} onShow={show} />
        <Sequence
          {...{ tokens, chosen }}
          onChoose={(index) => {
            setChosen(index);
            setWanted(undefined);
          }}
        />
      </div>
      <Message key={chosen} number={chosen + 1} {...{ token, wanted }} />
      {handshake !== undefined && <Password handshake={handshake} />}
      {all.length > 1 && (
        <Compare key={`compare ${chosen}`} token={token} others={all.filter((one) => one !== token)} />
      )}
    </>
  );
}

/** Fields and bytes of one message. */
function Message({ token, number, wanted }: { token: Decoded; number: number; wanted: { id: string } | undefined }) {
  const { tree, bytes } = token;
  const narrow = useMedia('(max-width: 64rem)');
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openAtFirst(tree));
  const [selected, setSelected] = useState<string>();
  const [hovered, setHovered] = useState<{ id: string; inTree: boolean }>();
  const [secrets, setSecrets] = useState(false);
  const [filter, setFilter] = useState('');
  const [offsets, setOffsets] = useState(false);
  const select = (id: string) => {
    // A missing field has no node: show the one that would contain it.
    const path = pathTo(tree, id).length > 0 ? pathTo(tree, id) : pathTo(tree, id.slice(0, id.lastIndexOf('.')));
    const node = path.at(-1);
    if (node === undefined) return;
    if (path.some(isOffset)) setOffsets(true);
    setOpen(new Set([...open, ...path.slice(0, -1).map(({ id }) => id)]));
    setSelected(node.id);
  };
  useEffect(() => {
    if (wanted !== undefined) select(wanted.id);
  }, [wanted]);
  const toggle = (id: string, isOpen: boolean) => {
    const next = new Set(open);
    if (isOpen) next.add(id);
    else next.delete(id);
    setOpen(next);
  };
  const withoutOffsets = { ...tree, children: tree.children.filter((node) => offsets || !isOffset(node)) };
  const shown = filtered(withoutOffsets, filter);
  const hiddenOffsets = tree.children.filter(isOffset).length;
  const path = pathTo(tree, hovered?.id ?? selected);
  const node = pathTo(tree, selected).at(-1) ?? firstOf(tree);
  const detail = <Detail key={node.id} node={node} hex={bytes} secrets={secrets} onReveal={() => setSecrets(true)} />;
  return (
    <div class="panes">
      <section aria-label={`Fields of ${nameOf(token)}`}>
        <h2>
          {tree.label} <span class="quiet">{bytes.length / 2} bytes</span>
        </h2>
        <p class="buttons tools">
          <label class="search">
            <span class="hidden">Filter fields</span>
            <input
              type="search"
              placeholder="Filter fields"
              value={filter}
              onInput={(event) => setFilter(event.currentTarget.value.trim())}
            />
          </label>
          {hiddenOffsets > 0 && (
            <button type="button" aria-pressed={offsets} onClick={() => setOffsets(!offsets)}>
              Offsets
            </button>
          )}
          {hasSecrets(tree) && (
            <button type="button" aria-pressed={secrets} onClick={() => setSecrets(!secrets)}>
              Show responses and keys
            </button>
          )}
          <Share base64={toBase64(fromHex(bytes))} secret={messageType(token) === 3} />
        </p>
        {shown.children.length === 0 ? (
          <p class="quiet" role="status">
            No field contains “{filter}”.
          </p>
        ) : (
          <Tree
            tree={shown}
            name={String(number)}
            open={filter === '' ? open : new Set(flat(shown).map(({ id }) => id))}
            hovered={hovered?.id}
            onOpen={toggle}
            onSelect={setSelected}
            onHover={(id) => setHovered(id === undefined ? undefined : { id, inTree: true })}
            {...{ selected, secrets }}
            detail={narrow ? detail : undefined}
          />
        )}
      </section>
      <div class="side">
        {!narrow && detail}
        <Hex
          hex={bytes}
          {...{ tree, path, secrets }}
          // Do not scroll bytes away from below the pointer.
          focus={(hovered?.inTree === true ? path : pathTo(tree, selected)).at(-1)?.start}
          onHover={(id) => setHovered(id === undefined ? undefined : { id, inTree: false })}
          onSelect={select}
        />
      </div>
    </div>
  );
}

/** What is explained before a field is selected: the flags, otherwise the first field. */
function firstOf(tree: Decoded['tree']) {
  return flat(tree).find(({ bits }) => bits !== undefined) ?? nodeAt(tree, 0);
}
