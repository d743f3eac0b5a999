import { decode, type Decoded, findTokens, NtlmError, version } from 'ntlm-wasm';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Builder } from './builder.js';
import { fromHex, toBase64 } from './bytes.js';
import { Detail } from './detail.js';
import { EXAMPLES } from './examples.js';
import { Findings } from './findings.js';
import { Hex } from './hex.js';
import { Share } from './share-button.js';
import { Password, type Handshake } from './password.js';
import { tokenInLink } from './share.js';
import { Tree } from './tree.js';
import { nodeAt, openAtFirst, pathTo } from './walk.js';

const NAMES: Readonly<Record<string, string>> = { 1: '1 Negotiate', 2: '2 Challenge', 3: '3 Authenticate' };

/** What was pasted, dropped or chosen. */
type Input = string | Uint8Array;

export function App() {
  const [input, setInput] = useState<Input>(() => tokenInLink() ?? EXAMPLES[0]?.make() ?? '');
  const [chosen, setChosen] = useState(0);
  const [dropping, setDropping] = useState(false);
  const tokens = useMemo(() => explained(input), [input]);
  const take = (next: Input) => {
    setInput(next);
    setChosen(0);
  };
  useDrop(take, setDropping);
  useEffect(() => {
    const follow = () => take(tokenInLink() ?? '');
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const decoded = tokens[Math.min(chosen, tokens.length - 1)];
  const handshake = handshakeOf(tokens);

  return (
    <div class={dropping ? 'page dropping' : 'page'}>
      <header>
        <h1>NTLM tokens, byte by byte</h1>
        <p>
          Paste a token, a header, the output of <code>curl -v</code>, a HAR file or a dump, or drop a file. Nothing
          leaves this page: its policy forbids every connection.
        </p>
      </header>
      <main>
        <section class="input" aria-label="Input">
          <label for="input" class="hidden">
            Token, or text that holds tokens
          </label>
          <textarea
            id="input"
            rows={6}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            value={typeof input === 'string' ? input : `(a file of ${input.length} bytes)`}
            onInput={(event) => take(event.currentTarget.value)}
          />
          <p class="examples">
            <span id="examples">Examples:</span>{' '}
            {EXAMPLES.map(({ name, make }) => (
              <button type="button" key={name} onClick={() => take(make())}>
                {name}
              </button>
            ))}
          </p>
        </section>
        {decoded === undefined ? (
          <p class="empty" role="status">
            {input.length === 0
              ? 'Waiting for a token.'
              : 'There is no NTLM or Negotiate token in this. They begin with TlRMTVNTUAA or YI in base64.'}
          </p>
        ) : (
          <>
            <Tokens tokens={tokens} chosen={decoded} onChoose={setChosen} />
            <Token key={decoded.bytes} decoded={decoded} />
            {handshake !== undefined && <Password key={decoded.bytes} handshake={handshake} />}
          </>
        )}
        <Builder onToken={take} />
      </main>
      <footer>
        <p class="quiet">ntlm-wasm {version()}. This page is one file: save it, and it works without a network.</p>
      </footer>
    </div>
  );
}

/** All tokens of an input, each seen in the light of those before it. */
function explained(input: Input): Decoded[] {
  let negotiate: Uint8Array | undefined;
  let challenge: Uint8Array | undefined;
  return findTokens(input).flatMap(({ bytes }) => {
    try {
      const decoded = decode(bytes, { negotiate, challenge });
      const type = typeOf(decoded);
      if (type === 1) [negotiate, challenge] = [bytes, undefined];
      else if (type === 2) challenge = bytes;
      return [decoded];
    } catch (error) {
      if (error instanceof NtlmError) return [];
      throw error;
    }
  });
}

/** The first handshake among the tokens that has all that a password can be tried on. */
function handshakeOf(tokens: readonly Decoded[]): Handshake | undefined {
  let negotiate: Uint8Array | undefined;
  let challenge: Uint8Array | undefined;
  for (const token of tokens) {
    const type = typeOf(token);
    const bytes = fromHex(token.bytes);
    if (type === 1) [negotiate, challenge] = [bytes, undefined];
    else if (type === 2) challenge = bytes;
    else if (type === 3 && challenge !== undefined) return { negotiate, challenge, authenticate: bytes };
  }
  return undefined;
}

function typeOf(decoded: Decoded): 1 | 2 | 3 | null | undefined {
  return decoded.type === 'spnego' ? decoded.messageType : decoded.type;
}

/** Whatever is dropped on the page is read as a file. */
function useDrop(take: (input: Input) => void, setDropping: (dropping: boolean) => void): void {
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDropping(false);
    };
    const drop = async (event: DragEvent) => {
      event.preventDefault();
      setDropping(false);
      const file = event.dataTransfer?.files[0];
      if (file === undefined) return take(event.dataTransfer?.getData('text') ?? '');
      const bytes = new Uint8Array(await file.arrayBuffer());
      const text = bytes.subarray(0, 4096).every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13));
      take(text ? new TextDecoder().decode(bytes) : bytes);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, []);
}

/** The messages of a conversation, one of which is shown. */
function Tokens({
  tokens,
  chosen,
  onChoose,
}: {
  tokens: Decoded[];
  chosen: Decoded;
  onChoose: (index: number) => void;
}) {
  return (
    <nav class="tokens" aria-label="Tokens found">
      {tokens.map((token, index) => {
        const name = NAMES[String(typeOf(token))] ?? 'SPNEGO';
        return (
          <button type="button" key={index} aria-pressed={token === chosen} onClick={() => onChoose(index)}>
            {name}
            {token.type === 'spnego' && typeOf(token) !== undefined && <span class="quiet"> in SPNEGO</span>}
          </button>
        );
      })}
    </nav>
  );
}

/** One token: findings, tree, bytes, and the node that is looked at. */
function Token({ decoded }: { decoded: Decoded }) {
  const { tree, bytes } = decoded;
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openAtFirst(tree));
  const [selected, setSelected] = useState<string>();
  const [hovered, setHovered] = useState<string>();
  const toggle = (id: string, isOpen: boolean) => {
    const next = new Set(open);
    if (isOpen) next.add(id);
    else next.delete(id);
    setOpen(next);
  };
  const show = (id: string) => {
    // What is missing from a message has no node: then what should hold it is shown.
    const path = pathTo(tree, id).length > 0 ? pathTo(tree, id) : pathTo(tree, id.slice(0, id.lastIndexOf('.')));
    const node = path.at(-1);
    if (node === undefined) return;
    setOpen(new Set([...open, ...path.slice(0, -1).map(({ id }) => id)]));
    setSelected(node.id);
  };
  const path = pathTo(tree, hovered ?? selected);
  const node = pathTo(tree, selected).at(-1) ?? tree.children.find(({ bits }) => bits !== undefined) ?? nodeAt(tree, 0);
  return (
    <>
      <Findings decoded={decoded} onShow={show} />
      <div class="panes">
        <section aria-labelledby="fields">
          <h2 id="fields">
            {tree.label} <span class="quiet">{bytes.length / 2} bytes</span>
          </h2>
          <Tree {...{ tree, open, selected, hovered, onOpen: toggle, onSelect: setSelected, onHover: setHovered }} />
        </section>
        <div class="side">
          <Hex
            hex={bytes}
            tree={tree}
            path={path}
            focus={pathTo(tree, selected).at(-1)?.start}
            onHover={setHovered}
            onSelect={show}
          />
          <Share base64={toBase64(fromHex(bytes))} secret={typeOf(decoded) === 3} />
          <Detail key={node.id} node={node} hex={bytes} />
        </div>
      </div>
    </>
  );
}
