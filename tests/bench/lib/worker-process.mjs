/**
 * A measuring process: it reads one line of JSON with the task and prints one line of JSON with the result.
 *
 * Each contender has a separate process, whatever language it is in, so that none profits or suffers from another's
 * heap, compiled code or loaded modules; only one of them works at any time.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 120_000;

export class WorkerProcess {
  #child;
  #lines;
  #complaints = '';

  constructor(program, args, options = {}) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    this.#child.stderr.on('data', (data) => (this.#complaints = (this.#complaints + data).slice(-2000)));
    this.#child.on('error', (error) => (this.#complaints = error.message));
    this.#child.stdin.on('error', () => {}); // The answer that does not come says it better.
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid() {
    return this.#child.pid;
  }

  /** Puts a question; an answer with `error` in it is thrown. */
  async ask(question) {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const timer = setTimeout(() => this.#child.kill(), PATIENCE_MS);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done) throw new Error(`ended without an answer: ${essence(this.#complaints)}`);
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  end() {
    this.#child.stdin.end();
    this.#child.kill();
  }
}

/** The line of a stack trace that says what happened. */
export function essence(complaints) {
  const lines = complaints.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
}

/** The other end, for workers in JavaScript: `answer` gets each question and returns, or promises, the answer. */
export async function serveQuestions(answer) {
  for await (const line of createInterface({ input: process.stdin })) {
    let said;
    try {
      said = await answer(JSON.parse(line));
    } catch (error) {
      said = { error: `${error.message}` };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
}
