import type { Decoded } from 'ntlm-wasm';

const SIGNS = { error: 'Damaged', warning: 'Weak', note: 'Note' } as const;

/** What is damaged, weak or odd, worst first. */
export function Findings({ decoded, onShow }: { decoded: Decoded; onShow: (id: string) => void }) {
  const { findings } = decoded;
  return (
    <section class="findings" aria-labelledby="findings">
      <h2 id="findings">Findings</h2>
      {findings.length === 0 ? (
        <p class="quiet">Nothing is damaged, weak or odd about this token.</p>
      ) : (
        <ul>
          {findings.map(({ id, severity, text, node }) => (
            <li key={id + node} class={severity}>
              <span class="sign">{SIGNS[severity]}</span>
              <button type="button" class="plain" onClick={() => onShow(node)}>
                {text}
              </button>
              <code class="quiet">{id}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
