/**
 * The parts of undici that the dispatcher needs. They are bundled into this package, so that its version is known.
 *
 * Imported by file: undici's front door brings all of it along, and its fetch replaces the global dispatcher of the
 * process (see undici-fetch.ts).
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

/** As undici's front door completes it: with request(), stream(), pipeline(), upgrade() and connect(). */
export const BaseDispatcher = withMethods(DispatcherBase);
export { Client, errors, Request };
export type { Dispatcher };

/** The names under which undici's base class calls what a dispatcher does itself. */
export const kClose: typeof symbols.kClose = symbols.kClose;
export const kDestroy: typeof symbols.kDestroy = symbols.kDestroy;
export const kDispatch: typeof symbols.kDispatch = symbols.kDispatch;
