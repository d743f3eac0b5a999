// The running lab: its servers, its users, and its logs.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LAB = fileURLToPath(new URL('../../lab/lab', import.meta.url));

export const lab = JSON.parse(execFileSync(LAB, ['env', '--json'], { encoding: 'utf8' }));
export const ca = readFileSync(lab.ca);

/** Accounts whose log-on succeeds; `lockme` is left to the tests that count attempts. */
export const goodUsers = Object.values(lab.users).filter((user) => user.expect === 'ok');
/** Accounts that are refused although the password is right, with the NT status of the refusal. */
export const refusedUsers = Object.values(lab.users).filter((user) => user.expect.startsWith('NT_STATUS_'));

export function labCommand(...args) {
  return execFileSync(LAB, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Publishes a separate page on each origin of Apache, so that its requests can be identified in the logs (Squid omits queries). */
export function publishPage(body = 'a page of the interoperation tests\n') {
  const name = `${randomUUID()}.txt`;
  const path = `${lab.dir}/www/${name}`;
  writeFileSync(path, body);
  return {
    name,
    http: `${lab.origins.apache.http}/${name}`,
    https: `${lab.origins.apache.https}/${name}`,
    remove: () => rmSync(path),
  };
}

/** badPwdCount at the domain controller. */
export const badPasswords = (key) => Number(labCommand('badpwd', key));

/** A log file from now on: `since()` is what was appended after the tail was made. */
export class LogTail {
  #path;
  #from;

  constructor(path) {
    this.#path = path;
    this.#from = statSync(path).size;
  }

  since() {
    const size = statSync(this.#path).size;
    const buffer = Buffer.alloc(Math.max(0, size - this.#from));
    const file = openSync(this.#path, 'r');
    try {
      readSync(file, buffer, 0, buffer.length, this.#from);
    } finally {
      closeSync(file);
    }
    return buffer.toString('utf8').split('\n').filter(Boolean);
  }

  /** Logs are written a moment after the answer: waits until `done(lines)` holds, and a little longer for what must not come. */
  async settled(done, { patience = 3000, grace = 150 } = {}) {
    const end = Date.now() + patience;
    while (!done(this.since()) && Date.now() < end) await sleep(20);
    await sleep(grace);
    return this.since();
  }
}

/** What the domain controller was asked: one entry per attempt on `account`. */
export class DomainControllerLog {
  #tail = new LogTail(lab.dc.auth_log);

  async attempts(account, atLeast = 1) {
    const parse = (lines) =>
      lines
        .map((line) => JSON.parse(line).Authentication)
        .filter(
          (entry) => entry?.authDescription.startsWith('NTLM_AUTH') && entry.clientAccount?.split('@')[0] === account,
        );
    return parse(await this.#tail.settled((lines) => parse(lines).length >= atLeast));
  }
}

/** Squid's access log, one entry per request that it answered. */
export class SquidLog {
  #tail = new LogTail(lab.squid_log);

  /** Requests whose URL contains `mark`; for tunnels that is host:port only. */
  async requests(mark, atLeast = 1) {
    const parse = (lines) =>
      lines
        .map((line) => line.split(/\s+/))
        .filter((word) => word[7]?.includes(mark))
        .map(([, , client, proxyPort, result, , method, url, user]) => ({
          client,
          proxyPort,
          status: Number(result.split('/')[1]),
          method,
          url,
          user,
        }));
    return parse(await this.#tail.settled((lines) => parse(lines).length >= atLeast));
  }
}
