/** Who may send a proof, and when: each row is a story of attempts, verdicts and time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NtlmError } from 'ntlm-wasm';
import { AuthRegistry } from '../internals.mjs';

const PEERS = {
  A: { role: 'proxy', host: 'a.example', port: 8080 },
  B: { role: 'proxy', host: 'b.example', port: 8080 },
  C: { role: 'origin', host: 'a.example', port: 8080 },
};
const WRONG = new NtlmError('ERR_NTLM_REJECTED', 'wrong password');

function fakeClock() {
  const timers = new Set();
  const clock = {
    time: 1_000,
    now: () => clock.time,
    after(milliseconds, callback) {
      const timer = { at: clock.time + milliseconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(milliseconds) {
      clock.time += milliseconds;
      for (const timer of [...timers]) {
        if (timer.at > clock.time) continue;
        timers.delete(timer);
        timer.callback();
      }
    },
  };
  return clock;
}

/**
 * Plays a story such as "1@A 2@A? 1+ 2!": attempt 1 at peer A is granted, 2 waits, 1 is accepted, now 2 is granted.
 * `1@A` granted at once, `1@A?` waits, `1@A-` fails with the rejection, `1!` is granted meanwhile, `1.` still waits, `1x`
 * has failed meanwhile; `1+` accepted, `1-` rejected, `1p` closed by the peer, `1u` given up by us, `1~` its caller stops
 * waiting; a number with "s" lets seconds pass; `k1`, `k2` choose the identity.
 */
async function play(story) {
  const clock = fakeClock();
  const registry = new AuthRegistry(clock);
  const attempts = new Map();
  let key = 'k1';
  for (const word of story.split(/\s+/)) {
    const why = `"${word}" in "${story}"`;
    const [, name, action, peer, expected] = /^(\d+)(?:([-+pu!.x~])|@([ABC])([?-]?))$/.exec(word) ?? [];
    if (/^k\d$/.test(word)) key = word;
    else if (/^[\d.]+s$/.test(word)) clock.pass(Number(word.slice(0, -1)) * 1000);
    else if (peer !== undefined) {
      const abort = new AbortController();
      const state = { abort };
      attempts.set(name, state);
      try {
        const found = registry.attempt(PEERS[peer], key, abort.signal);
        if (found instanceof Promise) {
          found.then(
            (granted) => (state.granted = granted),
            (error) => (state.error = error),
          );
          assert.equal(expected, '?', why);
        } else {
          state.granted = found;
          assert.equal(expected, '', why);
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        assert.equal(expected, '-', `${why}: ${error.message}`);
        assert.equal(error.code, 'ERR_NTLM_REJECTED');
      }
    } else {
      assert.notEqual(name, undefined, `unknown word ${why}`);
      const state = attempts.get(name);
      if (action === '!') assert.ok(state.granted, why);
      else if (action === '.') assert.ok(!state.granted && !state.error, why);
      else if (action === 'x') assert.equal(state.error?.code, 'ERR_NTLM_REJECTED', why);
      else if (action === '~') state.abort.abort(new Error('given up'));
      else if (action === '+') state.granted.accepted();
      else if (action === '-') state.granted.rejected(WRONG);
      else state.granted.abandoned(action === 'p' ? 'peer' : 'us');
    }
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

const STORIES = {
  'one alone while nothing is known': '1@A 2@A? 3@A? 1+ 2! 3.',
  'after an acceptance one more, then twice as many': '1@A 1+ 2@A 3@A? 2+ 3! 4@A 5@A? 3+ 4+ 5! 6@A 7@A 8@A 9@A?',
  'a rejection is the answer for everyone who waits': '1@A 2@A? 3@A? 1- 2x 3x',
  'and for everyone who comes within 30 seconds': '1@A 1- 29.9s 2@A- 0.1s 3@A 4@A?',
  'a password that is changed is wrong once': '1@A 1+ 10s 2@A 3@A? 4@A? 2- 3x 4x',
  'an old acceptance gives no allowance': '1@A 1+ 2@A 2+ 3@A 4@A 3+ 4+ 5.1s 5@A 6@A?',
  'other peers wait for the verdict': '1@A 2@B? 3@C? 1- 2x 3x',
  'what one peer rejected is not sent to another': '1@A 1- 2@B- 3@C- 30s 4@B',
  'unless that one has accepted it': '1@A 1+ 2@B 2+ 6s 3@A 3- 4@B 5@C-',
  'an acceptance lets another peer be tried at the same time': '1@A 1+ 2@A 3@B 4@B?',
  'but only one that has never accepted it at a time': '1@A 1+ 2@B 3@C? 2- 3x',
  'another identity is another matter': '1@A k2 2@A 3@A? 2- 3x k1 4@A? 1+ 4!',
  'an attempt that its caller gives up before a verdict lets the next one go': '1@A 2@A? 1u 2!',
  'a request that stops waiting does not take a turn': '1@A 2@A? 3@A? 2~ 1u 3! 4@A?',
  'a peer that closes gets one more try': '1@A 2@A? 1p 2! 3@A? 2p 3x 29.9s 4@A- 0.1s 5@A',
  'an acceptance in between counts': '1@A 1p 2@A 2+ 3@A 3p 4@A 4+ 5@A',
  'a peer that restarts closes many at once': '1@A 1+ 2@A 2+ 3@A 4@A 3p 4p 5@A 5+',
  'closings that are far apart are no rejection': '1@A 1p 31s 2@A 2p 3@A',
  'a slow verdict lets exactly one more go': '1@A 2@A? 3@A? 9.9s 2. 0.1s 2! 3. 20s 3. 2+ 3!',
  'a late verdict is a verdict': '1@A 2@A? 10s 2! 3@A? 1- 3x 4@A-',
};
for (const [title, story] of Object.entries(STORIES)) test(title, () => play(story));

test('before the first message: waits while another proof is under way, and not otherwise', async () => {
  const registry = new AuthRegistry(fakeClock());
  const { signal } = new AbortController();
  assert.equal(registry.settled(PEERS.A, 'k1', signal), undefined);
  const attempt = registry.attempt(PEERS.A, 'k1', signal);
  const settled = registry.settled(PEERS.A, 'k1', signal);
  assert.ok(settled instanceof Promise);
  attempt.rejected(WRONG);
  await settled;
  assert.equal(registry.rejection(PEERS.A, 'k1'), WRONG);
  assert.match(
    registry.rejection(PEERS.B, 'k1').message,
    /^the proxy a\.example:8080 rejected .* not sent to the proxy b\./,
  );
  assert.equal(registry.rejection(PEERS.A, 'k2'), undefined);
});

test('a verdict counts once', () => {
  const registry = new AuthRegistry(fakeClock());
  const { signal } = new AbortController();
  const attempt = registry.attempt(PEERS.A, 'k1', signal);
  attempt.accepted();
  attempt.rejected(WRONG);
  assert.equal(registry.rejection(PEERS.A, 'k1'), undefined);
});

test('what targets have taught: the last thousand', () => {
  const registry = new AuthRegistry(fakeClock());
  registry.teach('first', 'token');
  for (let index = 0; index < 999; index += 1) registry.teach(`target ${index}`, 'none');
  registry.teach('first', 'empty');
  registry.teach('one more', 'head');
  assert.equal(registry.firstLeg('first'), 'empty');
  assert.equal(registry.firstLeg('target 0'), undefined);
  assert.equal(registry.firstLeg('target 1'), 'none');
  registry.teach('first', undefined);
  assert.equal(registry.firstLeg('first'), undefined);
});
