/** The proxy settings of the operating system, whichever it is. */
export interface SystemSettings {
  /** The settings' usual name: "GNOME settings". */
  readonly source: string;
  /** Proxy per scheme as `host:port`. */
  readonly http?: string;
  readonly https?: string;
  /** Only a SOCKS proxy is set. */
  readonly socksOnly?: boolean;
  readonly pacUrl?: string;
  /** Exceptions, in the syntax of {@link parseNoProxy}. */
  readonly exceptions: string;
}

/** All three systems leave out this machine unless told otherwise. */
export const LOOPBACK = 'localhost,127.0.0.0/8,::1';
