/** The worker for everything in JavaScript. */
import { createRequire } from 'node:module';
import { serveQuestions } from '../lib/worker-process.mjs';
import { loadOurs } from './ours.mjs';
import { PEERS } from './peers.mjs';

let cases;

async function prepare({ contender, account, challenge }) {
  if (contender === 'ntlm-wasm') {
    const ours = await loadOurs({ account, challenge });
    cases = ours.cases;
    return { messages: ours.messages, cases: Object.keys(cases) };
  }
  const { negotiate, authenticate } = PEERS[contender].load(account, challenge);
  const together = () => {
    negotiate();
    return authenticate();
  };
  cases = { 'message 1': negotiate, 'message 1 and 3': together };
  const { version } = createRequire(import.meta.url)(`../node_modules/${contender}/package.json`);
  return { messages: [negotiate(), authenticate()].map(withoutScheme), cases: Object.keys(cases), version };
}

function withoutScheme(header) {
  return header.replace(/^NTLM /, '');
}

/** Calls in a second of processor time: what else the machine does at the moment is not the contender's fault. */
function measure({ measure: name, milliseconds }) {
  const work = cases[name];
  const start = process.cpuUsage();
  let count = 0;
  let spent;
  do {
    for (let i = 0; i < 50; i++) if (work().length === 0) throw new Error('an empty message');
    count += 50;
    const { user, system } = process.cpuUsage(start);
    spent = (user + system) / 1000;
  } while (spent < milliseconds);
  return { perSecond: (count / spent) * 1000 };
}

await serveQuestions((question) => (question.contender === undefined ? measure(question) : prepare(question)));
