import type { PrivateFolder } from './files.js';
import type { Trust } from './trust.js';

export {
  findProgram,
  homeOf,
  isFile,
  javaHomeOf,
  PrivateFolder,
  readText,
  type Variables,
  withoutLines,
} from './files.js';

/** What the variables and settings of a command are made from. */
export interface RunContext {
  /** The environment of the user. */
  readonly env: NodeJS.ProcessEnv;
  readonly program: readonly string[];
  readonly proxy: LocalProxy;
  readonly noProxy: string;
  readonly files: PrivateFolder;
  /** Present with `--ca`. */
  readonly trust: Trust | undefined;
  /** One sentence for the user: a setting that cannot be overridden. */
  hint(text: string): void;
}

export interface LocalProxy {
  /** With the secret. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly secret: string | undefined;
  /** Whether programs of this user are admitted without the secret. */
  readonly admitsUser: boolean;
}
