/** The undici modules that are imported by file. Their types are part of undici's types. */
declare module 'undici/lib/api/index.js' {
  import type { Dispatcher } from 'undici';
  const api: Pick<Dispatcher, 'request' | 'stream' | 'pipeline' | 'upgrade' | 'connect'>;
  export default api;
}

declare module 'undici/lib/core/errors.js' {
  export { errors as default } from 'undici';
}

declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}

declare module 'undici/lib/dispatcher/dispatcher.js' {
  export { Dispatcher as default } from 'undici';
}

declare module 'undici/lib/web/fetch/index.js' {
  export { fetch } from 'undici';
}

declare module 'undici/lib/web/fetch/formdata.js' {
  export { FormData } from 'undici';
}

declare module 'undici/lib/dispatcher/dispatcher-base.js' {
  import { Dispatcher } from 'undici';
  import type symbols from 'undici/lib/core/symbols.js';

  /** The base class of undici's dispatchers: `close()`, `destroy()`, and the checks before a request. */
  export default abstract class DispatcherBase extends Dispatcher {
    constructor(options?: object);
    readonly closed: boolean;
    readonly destroyed: boolean;
    abstract [symbols.kDispatch](options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean;
    abstract [symbols.kClose](): Promise<void>;
    abstract [symbols.kDestroy](error: Error): Promise<void>;
  }
}

declare module 'undici/lib/core/symbols.js' {
  const symbols: {
    readonly kClose: unique symbol;
    readonly kDestroy: unique symbol;
    readonly kDispatch: unique symbol;
  };
  export default symbols;
}

declare module 'undici/lib/core/request.js' {
  import type { Dispatcher } from 'undici';
  export default class Request {
    constructor(origin: string, options: object, handler: Dispatcher.DispatchHandler);
  }
}
