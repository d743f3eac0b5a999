import { closeSync, openSync, writeSync } from 'node:fs';
import type { RelayedRequest } from '../proxy/index.js';
import { UsageError } from './command.js';
import { printable, requestLine } from './terminal.js';

export const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

export interface LogOptions {
  readonly level: Level;
  readonly format: 'text' | 'json';
  /** Standard error without one. */
  readonly file: string | undefined;
}

/** The log of the local proxy. Holds neither queries of URLs nor secrets. */
export class Logger {
  readonly level: Level;
  readonly #json: boolean;
  readonly #file: string | undefined;
  #descriptor: number | undefined;

  constructor({ level, format, file }: LogOptions) {
    this.level = level;
    this.#json = format === 'json';
    this.#file = file;
    this.reopen();
  }

  /** For programs that rotate the file. */
  reopen(): void {
    if (this.#file === undefined) return;
    const old = this.#descriptor;
    try {
      this.#descriptor = openSync(this.#file, 'a', 0o600);
    } catch (error) {
      throw new UsageError(`cannot write ${this.#file} (${(error as NodeJS.ErrnoException).code})`);
    }
    if (old !== undefined) closeSync(old);
  }

  request(request: RelayedRequest): void {
    const level = request.error !== undefined || request.status >= 500 ? 'warn' : 'info';
    if (!this.#logs(level)) return;
    const { error, milliseconds, ...rest } = request;
    if (this.#json) this.#writeJson(level, { ...rest, milliseconds: Math.round(milliseconds), error });
    else this.#write(`${requestLine(request)}\n`);
  }

  message(level: Level, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    if (!this.#logs(level)) return;
    if (this.#json) this.#writeJson(level, { message, ...details });
    else this.#write(`ntlm-wasm: ${printable(message)}\n`);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #logs(level: Level): boolean {
    return LEVELS.indexOf(level) <= LEVELS.indexOf(this.level);
  }

  #writeJson(level: Level, entry: Readonly<Record<string, unknown>>): void {
    this.#write(`${JSON.stringify({ time: new Date().toISOString(), level, ...entry })}\n`);
  }

  #write(text: string): void {
    if (this.#descriptor === undefined) process.stderr.write(text);
    else writeSync(this.#descriptor, text);
  }
}
