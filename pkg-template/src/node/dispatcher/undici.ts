/**
 * undici itself. Bun answers `import 'undici'` with a stand-in of its own, whose fetch takes no dispatcher; by the name
 * of its file the package is found everywhere.
 */
export { Client, Dispatcher, errors, fetch, request } from 'undici/index.js';
