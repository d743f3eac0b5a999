import type { Conversation } from 'ntlm-wasm';
import { SEVERITIES } from './severity.js';

interface AnswerProps {
  conversation: Conversation;
  onShow: (token: number, id: string) => void;
}

/** What most readers want to know: one sentence about the conversation, and what is wrong with it. */
export function Answer({ conversation: { summary, user = '', findings }, onShow }: AnswerProps) {
  return (
    <section class="answer" aria-label="Summary">
      <p class="sentence">
        {summary.startsWith(user) ? (
          <>
            <b>{user}</b>
            {summary.slice(user.length)}
          </>
        ) : (
          summary
        )}
      </p>
      {findings.length === 0 ? (
        <p class="quiet">No findings: nothing is broken, dangerous or weak.</p>
      ) : (
        <ul class="findings" aria-label="Findings">
          {findings.map(({ id, severity, text, advice, node, token }) => (
            <li key={`${token} ${id} ${node}`} class={severity} title={id}>
              <span class="sign">{SEVERITIES[severity]}</span>
              <span>
                <button type="button" class="plain" onClick={() => onShow(token, node)}>
                  {text}
                </button>{' '}
                {advice !== '' && <span class="advice quiet">{advice}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
