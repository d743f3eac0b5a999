/** The worker with the servers: one that demands NTLM for each connection, one that demands nothing, the same code otherwise. */
import { startServer } from 'ntlm-wasm/node';
import { account } from '../lib/account.mjs';
import { serveQuestions } from '../lib/worker-process.mjs';

const accounts = { [account.username]: account.password };
const strict = await startServer({ role: 'origin', accounts });
const open = await startServer({ role: 'none' });

await serveQuestions(({ counters }) =>
  counters === undefined ? { strict: strict.url, open: open.url } : { ...strict.counters },
);
