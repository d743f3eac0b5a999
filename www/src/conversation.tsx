import type { Decoded } from 'ntlm-wasm';
import { useState } from 'preact/hooks';
import { fromHex, toBase64 } from './bytes.js';
import { Detail } from './detail.js';
import { Findings } from './findings.js';
import { Hex } from './hex.js';
import { useMedia } from './media.js';
import { Password } from './password.js';
import { hasSecrets } from './secrets.js';
import { Share } from './share-button.js';
import { handshakeOf, typeOf } from './tokens.js';
import { Tree } from './tree.js';
import { nodeAt, openAtFirst, pathTo } from './walk.js';

const NAMES: Readonly<Record<string, string>> = { 1: '1 Negotiate', 2: '2 Challenge', 3: '3 Authenticate' };

/** What is open and selected in the tree of one token. */
interface View {
  open: ReadonlySet<string>;
  selected: string | undefined;
}

/** The tokens of one sign-on: side by side where there is room, one at a time elsewhere; below or beside them their bytes. */
export function ConversationView({ tokens }: { tokens: readonly Decoded[] }) {
  const wide = useMedia('(min-width: 90rem)') && tokens.length > 1;
  const [chosen, setChosen] = useState(0);
  const [views, setViews] = useState<View[]>(() =>
    tokens.map(({ tree }) => ({ open: openAtFirst(tree), selected: undefined })),
  );
  const [hovered, setHovered] = useState<{ token: number; id: string; inTree: boolean }>();
  const [secrets, setSecrets] = useState(false);
  const change = (token: number, part: Partial<View>) =>
    setViews((views) => views.map((view, index) => (index === token ? { ...view, ...part } : view)));

  const shown = hovered?.token ?? chosen;
  const { tree, bytes } = tokens[shown] as Decoded;
  const { selected } = views[shown] as View;
  const path = pathTo(tree, hovered?.id ?? selected);
  const node = pathTo(tree, selected).at(-1) ?? tree.children.find(({ bits }) => bits !== undefined) ?? nodeAt(tree, 0);
  const show = (token: number, id: string) => {
    setChosen(token);
    const { tree } = tokens[token] as Decoded;
    // What is missing from a message has no node: then what should hold it is shown.
    const path = pathTo(tree, id).length > 0 ? pathTo(tree, id) : pathTo(tree, id.slice(0, id.lastIndexOf('.')));
    const node = path.at(-1);
    if (node === undefined) return;
    const open = new Set([...(views[token] as View).open, ...path.slice(0, -1).map(({ id }) => id)]);
    change(token, { open, selected: node.id });
  };
  const onHover = (token: number, inTree: boolean) => (id: string | undefined) =>
    setHovered(id === undefined ? undefined : { token, id, inTree });
  const handshake = handshakeOf(tokens);
  const button = (token: number) => (
    <button type="button" key={token} aria-pressed={token === chosen} onClick={() => setChosen(token)}>
      {nameOf(tokens[token] as Decoded)}
    </button>
  );
  const fields = (token: number) => {
    const { tree, bytes } = tokens[token] as Decoded;
    const { open, selected } = views[token] as View;
    const toggle = (id: string, isOpen: boolean) => {
      const next = new Set(open);
      if (isOpen) next.add(id);
      else next.delete(id);
      change(token, { open: next });
    };
    return (
      <section key={token} aria-label={`Fields of token ${token + 1}`} onFocusIn={() => setChosen(token)}>
        {wide && <p class="which">{button(token)}</p>}
        {wide && <Findings decoded={tokens[token] as Decoded} number={token + 1} onShow={(id) => show(token, id)} />}
        <h2>
          {tree.label} <span class="quiet">{bytes.length / 2} bytes</span>
        </h2>
        <Tree
          {...{ tree, open, selected, secrets }}
          name={String(token + 1)}
          hovered={hovered?.token === token ? hovered.id : undefined}
          onOpen={toggle}
          onSelect={(id) => {
            setChosen(token);
            change(token, { selected: id });
          }}
          onHover={onHover(token, true)}
        />
      </section>
    );
  };

  return (
    <>
      {!wide && (
        <nav class="tokens" aria-label="Tokens found">
          {tokens.map((_, index) => button(index))}
        </nav>
      )}
      {!wide && <Findings decoded={tokens[chosen] as Decoded} number={chosen + 1} onShow={(id) => show(chosen, id)} />}
      <div class={wide ? 'panes abreast' : 'panes'}>
        {wide ? <div class="columns">{tokens.map((_, index) => fields(index))}</div> : fields(chosen)}
        <div class="side">
          <Hex
            key={shown}
            hex={bytes}
            {...{ tree, path, secrets }}
            // Bytes do not move away below the pointer that is on them.
            focus={(hovered?.inTree === true ? path : pathTo(tree, selected)).at(-1)?.start}
            onHover={onHover(shown, false)}
            onSelect={(id) => show(shown, id)}
          />
          <div class="buttons share">
            {tokens.some(({ tree }) => hasSecrets(tree)) && (
              <button type="button" aria-pressed={secrets} onClick={() => setSecrets(!secrets)}>
                Show responses and keys
              </button>
            )}
            <Share base64={toBase64(fromHex(bytes))} secret={typeOf(tokens[shown] as Decoded) === 3} />
          </div>
          <Detail
            key={`${shown} ${node.id}`}
            node={node}
            hex={bytes}
            secrets={secrets}
            onReveal={() => setSecrets(true)}
          />
        </div>
      </div>
      {handshake !== undefined && <Password handshake={handshake} />}
    </>
  );
}

function nameOf(token: Decoded) {
  const type = typeOf(token);
  const name = NAMES[String(type)];
  if (token.type !== 'spnego') return name ?? 'Unknown';
  return (
    <>
      {name ?? 'SPNEGO'}
      {name !== undefined && <span class="quiet"> in SPNEGO</span>}
    </>
  );
}
