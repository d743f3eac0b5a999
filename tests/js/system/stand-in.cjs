/**
 * In place of the addon: the same shape, with the system's answers made up. `globalThis.standIn`, or in a process of its
 * own the variable STAND_IN, says what they are. It learns what was asked for.
 *
 * - `ntlm`: the credentials that the system's NTLM has; its tokens come from this package's own core
 * - `ticket`: a Kerberos ticket: one leg, the token TICKET, answered with a token that `next` must see
 * - neither: there are no credentials
 */
const { setTimeout: sleep } = require('node:timers/promises');
const { HttpAuthenticator } = require('../../../pkg-template/dist/http-authenticator.js');
const { version } = require('../../../pkg-template/dist/version.js');

const state = (globalThis.standIn ??= {
  delay: 1,
  log: [],
  open: new Set(),
  ...JSON.parse(process.env.STAND_IN ?? '{}'),
});

class StandIn {
  #options;
  #core;
  scheme;
  mechanism;
  identity;
  last = false;
  #authenticated = false;

  constructor(options) {
    state.log.push(['new', options]);
    state.open.add(this);
    this.#options = options;
    if (state.ntlm !== undefined) {
      const { isProxy, host, schemes = ['Negotiate', 'NTLM'] } = options;
      this.#core = new HttpAuthenticator({ ...state.ntlm, isProxy, schemes, targetName: `HTTP/${host}` });
    }
  }

  get authenticated() {
    return this.#core?.authenticated ?? this.#authenticated;
  }

  async begin() {
    state.log.push(['begin']);
    await sleep(state.delay);
    if (this.#core === undefined) return this.#ticket();
    const header = this.#core.begin();
    this.scheme = this.#core.scheme;
    return header;
  }

  async next(response) {
    state.log.push(['next', response.status]);
    await sleep(state.delay);
    if (this.#core !== undefined) {
      try {
        return this.#core.next(response);
      } finally {
        this.scheme = this.#core.scheme;
      }
    }
    if (response.status !== (this.#options.isProxy ? 407 : 401)) {
      const [answer] = response.challenges;
      if (this.last && answer !== 'Negotiate WELCOME')
        throw failure('ERR_NTLM_SSO_MUTUAL', 'the server is an impostor');
      this.#authenticated = true;
      return { action: 'done' };
    }
    if (this.last && !this.#authenticated) throw failure('ERR_NTLM_REJECTED', 'the credentials were rejected');
    const header = this.#ticket();
    return response.keepAlive ? { action: 'send', header, last: true } : { action: 'reconnect', header };
  }

  close() {
    state.open.delete(this);
  }

  #ticket() {
    if (state.ticket === undefined) throw failure('ERR_NTLM_SSO_NO_CREDENTIALS', 'there is no Kerberos ticket');
    this.scheme = 'Negotiate';
    this.mechanism = 'Kerberos';
    this.last = true;
    this.#authenticated = false;
    return `Negotiate ${state.ticket}`;
  }
}

function failure(code, message) {
  return Object.assign(new Error(message), { code, advice: 'type kinit' });
}

module.exports = {
  version: version(),
  HttpAuthenticator: StandIn,
  survey: async () => [
    { mechanism: 'Kerberos', source: 'tickets', available: state.ticket !== undefined, reason: 'there is no ticket' },
    { mechanism: 'NTLM', source: 'winbind', available: state.ntlm !== undefined, reason: 'no user has logged on' },
  ],
  async proxyFor(url) {
    state.log.push(['proxyFor', url]);
    if (state.proxies === undefined) throw failure('ERR_NTLM_SSO_SYSTEM', 'the service is not running');
    return state.proxies;
  },
  alive: () => ({ contexts: state.open.size, credentials: 0 }),
};
