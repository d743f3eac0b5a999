// A helper program that answers every line on its standard input with one line.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class LineProcess {
  #child;
  #waiting = [];
  #ended = '';

  constructor(command, args, env = {}) {
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    let complaints = '';
    this.#child.stderr.on('data', (chunk) => {
      complaints = (complaints + chunk).slice(-2000);
    });
    this.#child.stdin.on('error', () => {}); // reported by 'close', with the program's output
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('close', (code, signal) => this.#end(`${command} ended (${signal ?? code}) ${complaints.trim()}`));
  }

  ask(line) {
    if (this.#ended) return Promise.reject(new Error(this.#ended));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${line}\n`);
    });
  }

  /** Closes its input: these programs end on that. */
  close() {
    this.#ended ||= 'closed';
    this.#child.stdin.end();
  }

  #end(reason) {
    this.#ended ||= reason;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(reason));
  }
}
