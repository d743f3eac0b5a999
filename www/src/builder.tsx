import { NtlmClient, NtlmError } from 'ntlm-wasm';
import { useState } from 'preact/hooks';
import { optionsOf } from './builder-options.js';

const TEXTS = [
  ['username', 'User name'],
  ['domain', 'Domain'],
  ['workstation', 'Workstation'],
  ['targetName', 'Service, such as HTTP/proxy.corp.example'],
  ['version', 'Version, such as 10.0.26100'],
  ['oemEncoding', 'OEM code page, such as cp850'],
  ['flags', 'Flags, such as 0xa2088207'],
  ['random', 'Random bytes in hexadecimal, repeated'],
  ['now', 'Time, such as 2026-01-31T09:30Z'],
] as const;

/** Makes messages 1 and 3 from typed credentials, with every option of `NtlmClient`. */
export function Builder({ onToken }: { onToken: (token: string) => void }) {
  const [error, setError] = useState('');
  const build = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    try {
      const client = new NtlmClient(optionsOf(form));
      const negotiate = client.negotiate();
      const challenge = String(form.get('challenge')).trim();
      onToken(challenge === '' ? negotiate : `${negotiate}\n${challenge}\n${client.authenticate(challenge)}\n`);
      setError('');
      scrollTo({ top: 0 });
    } catch (caught) {
      if (!(caught instanceof NtlmError)) throw caught;
      setError(`${caught.message}. ${caught.advice}.`);
    }
  };
  return (
    <details class="tool">
      <summary>Make tokens</summary>
      <form onSubmit={build} autocomplete="off">
        <div class="grid">
          {TEXTS.slice(0, 1).map(field)}
          <label>
            Password
            <input name="password" type="password" autocomplete="off" />
          </label>
          <label>
            or its NT hash
            <input name="ntHash" type="password" autocomplete="off" />
          </label>
          {TEXTS.slice(1).map(field)}
          <Choice name="mechanism" label="Mechanism" values={['ntlm', 'negotiate']} />
          <Choice name="mic" label="Integrity code" values={['auto', 'always', 'never']} />
          <Choice name="level" label="LmCompatibilityLevel" values={['3', '0', '1', '2', '4', '5']} />
        </div>
        <p class="buttons">
          <label class="check">
            <input type="checkbox" name="sign" /> Sign
          </label>
          <label class="check">
            <input type="checkbox" name="seal" /> Seal
          </label>
        </p>
        <div class="grid">
          <label>
            TLS channel: the server's certificate (PEM), or the binding's 16 bytes in hexadecimal
            <textarea name="binding" rows={2} spellcheck={false} />
          </label>
          <label>
            The server's challenge, for message 3; without it, only message 1 is made
            <textarea name="challenge" rows={2} spellcheck={false} />
          </label>
        </div>
        <p class="buttons">
          <button>Make</button>
          <span class="problem" role="alert">
            {error}
          </span>
        </p>
      </form>
    </details>
  );
}

function field([name, label]: (typeof TEXTS)[number]) {
  return (
    <label key={name}>
      {label}
      <input name={name} spellcheck={false} autocapitalize="off" />
    </label>
  );
}

function Choice({ name, label, values }: { name: string; label: string; values: string[] }) {
  return (
    <label>
      {label}
      <select name={name}>
        {values.map((value) => (
          <option key={value}>{value}</option>
        ))}
      </select>
    </label>
  );
}
