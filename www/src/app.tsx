import { version } from 'ntlm-wasm';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Builder } from './builder.js';
import { ConversationView } from './conversation.js';
import { EXAMPLES } from './examples.js';
import { tokenInLink } from './share.js';
import { contentOf, type Input, useTaken } from './taken.js';
import { conversations, explained } from './tokens.js';

/** More text than this would make every key stroke slow: it is read, but not put into the field. */
const LONGEST_SHOWN = 200_000;

export function App() {
  const [input, setInput] = useState<Input>(() => tokenInLink() ?? EXAMPLES[0]?.make() ?? '');
  const [recorded, setRecorded] = useState<Date>();
  const [chosen, setChosen] = useState(0);
  const [dropping, setDropping] = useState(false);
  const found = useMemo(() => conversations(explained(input, recorded)), [input, recorded]);
  const take = (next: Input) => {
    setInput(next);
    setChosen(0);
  };
  useTaken(take, setDropping);
  useEffect(() => {
    const follow = () => take(tokenInLink() ?? '');
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const conversation = found[Math.min(chosen, found.length - 1)];

  return (
    <div class={dropping ? 'page dropping' : 'page'}>
      <header>
        <h1>NTLM tokens, byte by byte</h1>
        <p>
          Paste a token, a header, the output of <code>curl -v</code>, a HAR file or a dump of packets, or drop a file.
          Nothing leaves this page: its policy forbids every connection.
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
            value={shownInput(input)}
            onInput={(event) => take(event.currentTarget.value)}
          />
          <p class="examples">
            <span id="examples">Examples:</span>{' '}
            {EXAMPLES.map(({ name, make }) => (
              <button type="button" key={name} onClick={() => take(make())}>
                {name}
              </button>
            ))}
            <label class="check">
              <input
                type="checkbox"
                checked={recorded !== undefined}
                onChange={(event) => setRecorded(event.currentTarget.checked ? new Date() : undefined)}
              />
              Recorded just now: look at the clocks
            </label>
            <label class="file">
              Open a file
              <input
                type="file"
                onChange={async (event) => {
                  const [file] = event.currentTarget.files ?? [];
                  if (file !== undefined) take(await contentOf(file));
                }}
              />
            </label>
          </p>
        </section>
        {conversation === undefined ? (
          <p class="empty" role="status">
            {input.length === 0
              ? 'Waiting for a token.'
              : 'There is no NTLM or Negotiate token in this. They begin with TlRMTVNTUAA or YI in base64.'}
          </p>
        ) : (
          <>
            {found.length > 1 && (
              <nav class="tokens" aria-label="Sign-ons found">
                {found.map((one, index) => (
                  <button
                    type="button"
                    key={index}
                    aria-pressed={one === conversation}
                    onClick={() => setChosen(index)}
                  >
                    Sign-on {index + 1}
                  </button>
                ))}
              </nav>
            )}
            <ConversationView key={conversation.tokens.map(({ bytes }) => bytes).join()} tokens={conversation.tokens} />
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

function shownInput(input: Input): string {
  if (typeof input !== 'string') return `(a file of ${input.length} bytes)`;
  return input.length <= LONGEST_SHOWN ? input : `(a text of ${input.length} characters)`;
}
