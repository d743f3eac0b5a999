import { explainConversations, version } from 'ntlm-wasm';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Builder } from './builder.js';
import { ConversationView } from './conversation.js';
import { EXAMPLES } from './examples.js';
import { InputSection } from './input.js';
import { ConversationList } from './list.js';
import { tokenInLink } from './share.js';
import { type Input, useTaken } from './taken.js';

export function App() {
  const [input, setInput] = useState<Input>(() => tokenInLink() ?? EXAMPLES[0]?.make() ?? '');
  const [captured, setCaptured] = useState<Date>();
  const [chosen, setChosen] = useState(0);
  const [dropping, setDropping] = useState(false);
  const { conversations: found, leftOut } = useMemo(
    () => explainConversations(input, { now: captured }),
    [input, captured],
  );
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
        <h1>NTLM decoder</h1>
        <p>
          Paste a token, a header, <code>curl -v</code> output, a HAR file or a packet capture, or drop a file. Nothing
          leaves this page: its policy forbids every connection.
        </p>
      </header>
      <main>
        <InputSection {...{ input, captured }} onInput={take} onCaptured={setCaptured} />
        {leftOut.map((line) => (
          <p class="problem" role="status" key={line}>
            {line}
          </p>
        ))}
        {conversation === undefined ? (
          <p class="empty" role="status">
            {input.length === 0
              ? 'Waiting for a token.'
              : 'This contains no NTLM or Negotiate token. In base64, tokens begin with TlRMTVNTUAA or YI.'}
          </p>
        ) : (
          <>
            {found.length > 1 && (
              <ConversationList
                conversations={found}
                chosen={Math.min(chosen, found.length - 1)}
                onChoose={setChosen}
              />
            )}
            <ConversationView
              key={`${chosen} ${conversation.tokens.map(({ bytes }) => bytes).join()}`}
              conversation={conversation}
              all={found.flatMap(({ tokens }) => tokens)}
            />
          </>
        )}
        <Builder onToken={take} />
      </main>
      <footer>
        <p class="quiet">
          Part of <b>ntlm-wasm</b> {version()}: NTLM and Negotiate authentication for JavaScript, through proxies and to
          servers. Install it with <code>npm install ntlm-wasm</code>;{' '}
          <a href="https://www.npmjs.com/package/ntlm-wasm">the package and its documentation</a>. This page is one
          file: save it, and it works without a network.
        </p>
      </footer>
    </div>
  );
}
