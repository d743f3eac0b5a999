/**
 * The parts of undici that the dispatcher needs. They are bundled into this package, so that its version is known.
 *
 * Imported by file: undici's front door brings all of it along, and its fetch replaces the global dispatcher of the
 * process (see undici-fetch.ts).
 */
import api from 'undici/lib/api/index.js';
import errors from 'undici/lib/core/errors.js';
import Client from 'undici/lib/dispatcher/client.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';

function withMethods<Class extends { prototype: object }>(dispatcher: Class): Class {
  Object.assign(dispatcher.prototype, api);
  return dispatcher;
}

/** As undici's front door completes it: with request(), stream(), pipeline(), upgrade() and connect(). */
export const BaseDispatcher = withMethods(Dispatcher);
export { Client, errors };
export type { Dispatcher };
