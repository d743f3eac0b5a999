import { NtlmClient, type NtlmClientOptions, NtlmError } from 'ntlm-wasm';
import { useState } from 'preact/hooks';

const TEXTS = [
  ['username', 'User name'],
  ['domain', 'Domain'],
  ['workstation', 'Workstation'],
  ['targetName', 'Service, such as HTTP/proxy.corp.example'],
  ['version', 'Version, such as 10.0.26100'],
] as const;

/** Makes messages 1 and 3 from typed credentials, with the options of NtlmClient. */
export function Builder({ onToken }: { onToken: (token: string) => void }) {
  const [error, setError] = useState('');
  const build = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const options: Record<string, unknown> = {};
    for (const [name] of TEXTS) if (text(name) !== '') options[name] = text(name);
    const password = String(form.get('password') ?? '');
    if (password !== '' || options['username'] !== undefined) options['password'] = password;
    options['mechanism'] = text('mechanism');
    options['mic'] = text('mic');
    options['lmCompatibilityLevel'] = Number(text('level'));
    options['sign'] = form.has('sign');
    options['seal'] = form.has('seal');
    try {
      const client = new NtlmClient(options as NtlmClientOptions);
      const negotiate = client.negotiate();
      const challenge = text('challenge');
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
          {TEXTS.map(([name, label]) => (
            <label key={name}>
              {label}
              <input name={name} spellcheck={false} autocapitalize="off" />
            </label>
          ))}
          <label>
            Password
            <input name="password" type="password" autocomplete="off" />
          </label>
          <Choice name="mechanism" label="Mechanism" values={['ntlm', 'negotiate']} />
          <Choice name="mic" label="Integrity code" values={['auto', 'always', 'never']} />
          <Choice name="level" label="LmCompatibilityLevel" values={['3', '0', '1', '2', '4', '5']} />
        </div>
        <p>
          <label class="check">
            <input type="checkbox" name="sign" /> Sign
          </label>{' '}
          <label class="check">
            <input type="checkbox" name="seal" /> Seal
          </label>
        </p>
        <label>
          The server's challenge, for message 3; without it there is message 1
          <textarea name="challenge" rows={2} spellcheck={false} />
        </label>
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
