import type { Decoded } from 'ntlm-wasm';

const SIGNS = { broken: 'Broken', dangerous: 'Dangerous', weak: 'Weak', note: 'Note' } as const;

interface FindingsProps {
  decoded: Decoded;
  /** Which of the tokens it is, counted from 1. */
  number: number;
  onShow: (id: string) => void;
}

/** What is damaged, weak or odd, worst first. */
export function Findings({ decoded, number, onShow }: FindingsProps) {
  const { findings } = decoded;
  return (
    <section class="findings" aria-label={`Findings of token ${number}`}>
      <h2>Findings</h2>
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
