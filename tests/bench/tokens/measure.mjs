/** Part 1: how many handshakes a second of processor time, against every peer, round by round. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { account } from '../lib/account.mjs';
import { challenge } from '../lib/challenge.mjs';
import { ratio, summary } from '../lib/statistics.mjs';
import { WorkerProcess } from '../lib/worker-process.mjs';
import { countInstructions } from './instructions.mjs';
import { PEERS } from './peers.mjs';
import { verify } from './verify.mjs';

const here = import.meta.dirname;
const PYTHON = ['pyspnego', 'impacket', 'gss-ntlmssp', 'libntlm'];

export async function measureTokens({ quick, native, python, say }) {
  const rounds = quick ? 5 : 15;
  const milliseconds = quick ? 60 : 150;
  const contenders = await start(processes(native, python), say);
  const rates = new Map();
  // The first round warms up: compiled code, filled pools.
  for (let round = -2; round < rounds; round++) {
    for (const contender of contenders) {
      for (const name of contender.cases) {
        const { perSecond } = await contender.worker.ask({ measure: name, milliseconds });
        const key = `${contender.name}: ${name}`;
        if (!rates.has(key)) rates.set(key, []);
        if (round >= 0) rates.get(key).push(perSecond);
      }
    }
  }
  for (const { worker } of contenders) worker.end();
  return { ...report(contenders, rates), instructions: countInstructions(native, say) };
}

function processes(native, python) {
  const javascript = (name) => () => new WorkerProcess(process.execPath, [join(here, 'javascript.mjs')]);
  const found = [{ name: 'ntlm-wasm', start: javascript('ntlm-wasm') }];
  for (const name of Object.keys(PEERS)) found.push({ name, start: javascript(name) });
  if (native !== undefined) {
    for (const name of ['core', 'digests', 'sspi']) found.push({ name, start: () => new WorkerProcess(native, []) });
  }
  if (python !== undefined && existsSync(python)) {
    const script = join(here, 'python.py');
    for (const name of PYTHON) found.push({ name, start: () => new WorkerProcess(python, [script]) });
  }
  return found;
}

/** Starts them all and makes each produce its messages once. A package that cannot is left out, and reported. */
async function start(wanted, say) {
  const started = [];
  for (const { name, start } of wanted) {
    const worker = start();
    try {
      const { messages, cases, version } = await worker.ask({ contender: name, account, challenge: challenge() });
      const check = messages ? verify(messages, challenge(), account) : undefined;
      started.push({ name, worker, cases, version, check });
    } catch (error) {
      say(`${name} is left out: ${error.message}`);
      worker.end();
    }
  }
  return started;
}

const NEW = 'message 1 and 3';
const AS_BYTES = 'message 1 and 3, bytes';

function report(contenders, rates) {
  const of = (name, kind) => rates.get(`${name}: ${kind}`);
  const rows = contenders.flatMap(({ name, version, check, cases }) =>
    cases.map((kind) => {
      const measured = summary(of(name, kind));
      return { name, version, case: kind, perSecond: measured, microseconds: 1e6 / measured.median, check };
    }),
  );
  const peers = contenders.filter(({ name }) => Object.hasOwn(PEERS, name)).map(({ name }) => name);
  const fastest = peers.toSorted((a, b) => summary(of(b, NEW)).median - summary(of(a, NEW)).median)[0];
  const against = (kind, name, otherKind = kind) => {
    const [ours, theirs] = [of('ntlm-wasm', kind), of(name, otherKind)];
    return ours && theirs ? ratio(ours, theirs) : undefined;
  };
  const core = (kind, name) =>
    of('core', kind) && of(name, kind) ? ratio(of('core', kind), of(name, kind)) : undefined;
  return {
    rows,
    fastest,
    newClientToFastest: against(NEW, fastest),
    newClientToPeerWithMic: against(NEW, 'cypress-ntlm-auth'),
    reusedToFastest: against('message 1 and 3, reused', fastest, NEW),
    nativeToOurs: of('core', NEW) ? ratio(of('core', NEW), of('ntlm-wasm', NEW)) : undefined,
    nativeToOursBytes: of('core', AS_BYTES) ? ratio(of('core', AS_BYTES), of('ntlm-wasm', AS_BYTES)) : undefined,
    coreToSspi: core(AS_BYTES, 'sspi'),
    digestsToCore: of('digests', AS_BYTES) ? ratio(of('digests', AS_BYTES), of('core', AS_BYTES)) : undefined,
  };
}
