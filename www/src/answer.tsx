import type { Decoded, Finding } from 'ntlm-wasm';
import { SEVERITIES, worstFirst } from './severity.js';
import { sentenceOf } from './sentence.js';

interface AnswerProps {
  tokens: readonly Decoded[];
  onShow: (token: number, id: string) => void;
}

/** What most readers want to know: one sentence about the conversation, and what is wrong with it. */
export function Answer({ tokens, onShow }: AnswerProps) {
  const findings = tokens
    .flatMap((token, index) => token.findings.map((finding): [Finding, number] => [finding, index]))
    .sort(([one], [other]) => worstFirst(one, other));
  return (
    <section class="answer" aria-label="Summary">
      <p class="sentence">{sentenceOf(tokens)}</p>
      {findings.length === 0 ? (
        <p class="quiet">No findings: nothing is broken, dangerous or weak.</p>
      ) : (
        <ul class="findings" aria-label="Findings">
          {findings.map(([finding, token]) => (
            <li key={`${token} ${finding.id} ${finding.node}`} class={finding.severity}>
              <span class="sign">{SEVERITIES[finding.severity]}</span>
              <span>
                <button type="button" class="plain" onClick={() => onShow(token, finding.node)}>
                  {finding.text}
                </button>{' '}
                {finding.advice !== '' && <span class="quiet">{finding.advice}</span>}
              </span>
              <code class="quiet">{finding.id}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
