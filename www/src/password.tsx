import { checkPassword, type Handshake, NtlmError, type PasswordCheck } from 'ntlm-wasm';
import { useState } from 'preact/hooks';
import { toHex } from './bytes.js';

const MICS = {
  absent: 'There is no message integrity code.',
  right: 'The message integrity code matches: the three messages were not changed.',
  wrong: 'The message integrity code does not match: a message was changed, or is from another handshake.',
  unchecked: 'The message integrity code cannot be checked without message 1.',
};

/** Checks whether message 3 was made with a typed password, and shows the session key. */
export function Password({ handshake }: { handshake: Handshake }) {
  const [verdict, setVerdict] = useState<PasswordCheck>();
  const [error, setError] = useState('');
  const check = (event: SubmitEvent) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get('candidate') ?? '');
    try {
      setVerdict(checkPassword({ ...handshake, password }));
      setError('');
    } catch (caught) {
      if (!(caught instanceof NtlmError)) throw caught;
      setVerdict(undefined);
      setError(`${caught.message}. ${caught.advice}.`);
    }
  };
  return (
    <details class="tool">
      <summary>Does this password match?</summary>
      <form onSubmit={check} autocomplete="off">
        <p class="buttons">
          <label>
            Password to try
            <input name="candidate" type="password" autocomplete="off" />
          </label>
          <button>Try</button>
        </p>
      </form>
      <div role="status">
        {error !== '' && <p class="problem">{error}</p>}
        {verdict !== undefined && !verdict.matches && <p>No: message 3 was made with another password.</p>}
        {verdict?.matches === true && (
          <>
            <p>Yes: message 3 was made with this password ({verdict.ntlmVersion}).</p>
            {verdict.mic !== undefined && <p>{MICS[verdict.mic]}</p>}
            <p>
              Exported session key: <span class="value">{toHex(verdict.exportedSessionKey ?? new Uint8Array())}</span>
            </p>
          </>
        )}
      </div>
    </details>
  );
}
