import type { Conversation } from 'ntlm-wasm';
import { useState } from 'preact/hooks';
import { SEVERITIES } from './severity.js';

/** Rows shown before the filter is used. More would be slow, and are found by filtering. */
const MOST_ROWS = 100;

interface ListProps {
  conversations: readonly Conversation[];
  chosen: number;
  onChoose: (index: number) => void;
}

/** The conversations of an input that contains several. */
export function ConversationList({ conversations, chosen, onChoose }: ListProps) {
  const [filter, setFilter] = useState('');
  const rows = conversations.flatMap((conversation, index) =>
    conversation.summary.toLowerCase().includes(filter.toLowerCase()) ? [{ index, conversation }] : [],
  );
  const shown = rows.slice(0, MOST_ROWS);
  return (
    <nav class="list" aria-label="Conversations">
      <p class="buttons tools">
        <span>
          <b>{conversations.length} conversations</b>
        </span>
        <label class="search">
          <span class="hidden">Filter conversations</span>
          <input
            type="search"
            placeholder="Filter by user, host, status"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value.trim())}
          />
        </label>
      </p>
      <ol>
        {shown.map(({ index, conversation }) => (
          <li key={index}>
            <button type="button" class="plain" aria-pressed={index === chosen} onClick={() => onChoose(index)}>
              <span class="number">{index + 1}</span> {conversation.summary} <Worst conversation={conversation} />
            </button>
          </li>
        ))}
      </ol>
      {shown.length < rows.length && (
        <p class="quiet">{rows.length - shown.length} more conversations are not shown. Filter to find them.</p>
      )}
      {rows.length === 0 && <p class="quiet">No conversation contains “{filter}”.</p>}
    </nav>
  );
}

/** The severity of a conversation that is broken or dangerous. */
function Worst({ conversation: { findings } }: { conversation: Conversation }) {
  const [worst] = findings;
  if (worst === undefined || worst.severity === 'note' || worst.severity === 'weak') return null;
  return (
    <span class={worst.severity}>
      <span class="sign">{SEVERITIES[worst.severity]}</span>
    </span>
  );
}
