import { useRef, useState } from 'preact/hooks';
import { copy } from './copy.js';
import { linkFor } from './share.js';

/** Copies a link that contains the token, after a warning if the password could be guessed from it. */
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
        {done ? 'Copied' : 'Copy link'}
      </button>
      <dialog ref={dialog} aria-labelledby="warning">
        <h2 id="warning">The password can be guessed from this link</h2>
        <p>
          Message 3 contains responses computed from the password. Anyone with the link can try passwords against them
          offline, and will find a weak one.
        </p>
        <p class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" onClick={share}>
            Copy the link anyway
          </button>
        </p>
      </dialog>
    </>
  );
}
