import { useRef, useState } from 'preact/hooks';
import { copy } from './copy.js';
import { linkFor } from './share.js';

/** Copies a link that holds the token; asks first if that could give a password away. */
export function Share({ base64, secret }: { base64: string; secret: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [done, setDone] = useState(false);
  const share = async () => {
    dialog.current?.close();
    await copy(linkFor(base64));
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <>
      <button type="button" onClick={() => (secret ? dialog.current?.showModal() : share())}>
        {done ? 'Copied' : 'Copy a link to this token'}
      </button>
      <dialog ref={dialog} aria-labelledby="warning">
        <h2 id="warning">This link could give the password away</h2>
        <p>
          A message 3 holds responses that were computed from the password. Whoever has the link can try passwords
          against them for as long as they like, and will find a weak one.
        </p>
        <p class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep it to myself
          </button>
          <button type="button" onClick={share}>
            Copy the link all the same
          </button>
        </p>
      </dialog>
    </>
  );
}
