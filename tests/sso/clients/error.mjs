// Runs inside each runtime: asks for one page and prints what was wrong. The task comes by the variable VISIT.

import process from 'node:process';
import { createFetch } from 'ntlm-wasm/node';

const { url, options } = JSON.parse(process.env.VISIT);
createFetch(options)(url).then(
  ({ status }) => console.log(JSON.stringify({ status })),
  ({ name, code, message, advice }) => console.log(JSON.stringify({ name, code, message, advice })),
);
