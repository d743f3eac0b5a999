/** A header of a handshake on its way. */
export interface PassingToken {
  readonly connection: number;
  /** For messages: "the proxy proxy.corp.example:8080". */
  readonly peer: string;
  readonly isProxy: boolean;
  readonly direction: 'sent' | 'received';
  /** That of the response which it came with; undefined for what was sent. */
  readonly status: number | undefined;
  /** What that response says beside its status: some proxies tell there why they refuse. */
  readonly reason: string | undefined;
  /** The value of the header: the scheme, then the token; without one the scheme alone. */
  readonly value: string;
}

type Watcher = (token: PassingToken) => void;

/**
 * Who is shown tokens: programs of this package that explain them to the person whose they are. Passwords can be tried
 * on tokens, so they go past here, where only this package can listen, and never over `diagnostics_channel`.
 */
const watchers = new Set<Watcher>();

/** Shows every token of this process from now on, until the returned function is called. */
export function watchTokens(watcher: Watcher): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

export function tokenPasses(token: PassingToken): void {
  for (const watcher of watchers) watcher(token);
}
