/**
 * The parts of undici that the dispatcher needs. They are bundled into this package, so their version is known.
 *
 * They are imported by file, because undici's main module loads everything, and its fetch replaces the global dispatcher of
 * the process (see undici-fetch.ts).
 */
import api from 'undici/lib/api/index.js';
import errors from 'undici/lib/core/errors.js';
import Client from 'undici/lib/dispatcher/client.js';
import Request from 'undici/lib/core/request.js';
import symbols from 'undici/lib/core/symbols.js';
import type Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import DispatcherBase from 'undici/lib/dispatcher/dispatcher-base.js';

function withMethods<Class extends { prototype: object }>(dispatcher: Class): Class {
  Object.assign(dispatcher.prototype, api);
  return dispatcher;
}

/** The dispatcher with request(), stream(), pipeline(), upgrade() and connect(), as in undici's main module. */
export const BaseDispatcher = withMethods(DispatcherBase);
export { Client, errors, Request };
export type { Dispatcher };

/** The method names through which undici's base class calls the dispatcher's implementation. */
export const kClose: typeof symbols.kClose = symbols.kClose;
export const kDestroy: typeof symbols.kDestroy = symbols.kDestroy;
export const kDispatch: typeof symbols.kDispatch = symbols.kDispatch;
