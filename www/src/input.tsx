import { EXAMPLES } from './examples.js';
import { contentOf, type Input } from './taken.js';

/** A longer text would slow down every keystroke: it is decoded, but not shown. */
const LONGEST_SHOWN = 200_000;

interface InputSectionProps {
  input: Input;
  /** When the tokens were captured, if that is known. */
  captured: Date | undefined;
  onInput: (input: Input) => void;
  onCaptured: (captured: Date | undefined) => void;
}

/** The field for the input, with examples and files. */
export function InputSection({ input, captured, onInput, onCaptured }: InputSectionProps) {
  return (
    <section class="input" aria-label="Input">
      <label for="input" class="hidden">
        Token, or text that contains tokens
      </label>
      <textarea
        id="input"
        rows={4}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        value={shownInput(input)}
        onInput={({ currentTarget: { value } }) => {
          // The placeholder of a long text is not input.
          if (value !== shownInput(input)) onInput(value);
        }}
      />
      <p class="examples">
        <label class="file">
          Open a file
          <input
            type="file"
            onChange={async (event) => {
              const [file] = event.currentTarget.files ?? [];
              if (file !== undefined) onInput(await contentOf(file));
            }}
          />
        </label>
        <span>Examples:</span>
        {EXAMPLES.map(({ name, make }) => (
          <button type="button" key={name} onClick={() => onInput(make())}>
            {name}
          </button>
        ))}
        <label class="check">
          <input
            type="checkbox"
            checked={captured !== undefined}
            onChange={(event) => onCaptured(event.currentTarget.checked ? new Date() : undefined)}
          />
          Captured just now: check clocks
        </label>
      </p>
    </section>
  );
}

function shownInput(input: Input): string {
  if (typeof input !== 'string') return `(a file of ${input.length} bytes)`;
  return input.length <= LONGEST_SHOWN ? input : `(a text of ${input.length} characters)`;
}
