// The addon by itself: a request through a proxy whose every leg is the addon's. Electron 9 runs this too, so it is
// written for Node.js 12.

const net = require('net');
const tls = require('tls');
const { once } = require('events');

/** One connection on which a request follows the other. */
class Connection {
  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      socket.emit('more');
    });
    // Readers that wait for more must learn that nothing will come.
    for (const end of ['close', 'error']) socket.on(end, () => socket.emit('more'));
  }

  async until(ready) {
    while (!ready()) {
      if (this.socket.destroyed) throw new Error('the connection was closed');
      await once(this.socket, 'more');
    }
  }

  async request(lines) {
    this.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await this.until(() => this.bytes.includes('\r\n\r\n'));
    const end = this.bytes.indexOf('\r\n\r\n');
    const [statusLine, ...fields] = this.bytes.toString('latin1', 0, end).split('\r\n');
    this.bytes = this.bytes.slice(end + 4);
    const values = (name) =>
      fields
        .filter((line) => line.toLowerCase().startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).trim());
    const status = Number(statusLine.split(' ')[1]);
    const tunnel = lines[0].startsWith('CONNECT ') && status === 200;
    const length = tunnel ? 0 : Number(values('content-length')[0] || 0);
    await this.until(() => this.bytes.length >= length);
    this.bytes = this.bytes.slice(length);
    return { status, bytes: length, values };
  }
}

/** Sends requests with the addon's headers until it is done; `lines` has no authentication header. */
async function signOn(connection, authenticator, lines) {
  let header = await authenticator.begin();
  const statuses = [];
  for (let leg = 0; leg < 5; leg += 1) {
    const response = await connection.request([...lines, `Proxy-Authorization: ${header}`]);
    statuses.push(response.status);
    const step = await authenticator.next({
      status: response.status,
      challenges: response.values('proxy-authenticate'),
      keepAlive: !response.values('connection').includes('close'),
    });
    if (step.action === 'done') return { ...response, statuses };
    if (step.action !== 'send') throw new Error(`the addon wants to ${step.action}`);
    header = step.header;
  }
  throw new Error('the dialogue has no end');
}

/** Fetches `url` through `proxy` ("host:port"); `options` are the addon's. */
async function fetchThrough(addon, { url, proxy, ca, options }) {
  const { protocol, host, hostname, pathname } = new URL(url);
  const [proxyHost, proxyPort] = proxy.split(':');
  const authenticator = new addon.HttpAuthenticator({ isProxy: true, host: proxyHost, ...options });
  const socket = net.connect(Number(proxyPort), proxyHost);
  try {
    const plain = protocol === 'http:';
    const target = plain ? `GET ${url}` : `CONNECT ${host}`;
    let { status, bytes, statuses } = await signOn(new Connection(socket), authenticator, [
      `${target} HTTP/1.1`,
      `Host: ${host}`,
    ]);
    if (!plain && status === 200) {
      // The certificate is for the address; the name is known to the proxy alone.
      const secure = tls.connect({ socket, ca, servername: hostname, checkServerIdentity: () => undefined });
      ({ status, bytes } = await new Connection(secure).request([`GET ${pathname} HTTP/1.1`, `Host: ${host}`]));
    }
    const { scheme, mechanism, authenticated } = authenticator;
    return { status, bytes, statuses, scheme, mechanism, authenticated };
  } finally {
    authenticator.close();
    socket.destroy();
  }
}

/** Each of `tasks` in turn, by name; a failure is an outcome. Remaining handles are reported at the end. */
async function fetchAll(addonFile, tasks) {
  const addon = require(addonFile);
  const outcomes = {};
  for (const [name, task] of Object.entries(tasks)) {
    outcomes[name] = await fetchThrough(addon, task).catch(({ code, message }) => ({ code, message }));
  }
  return { version: addon.version, outcomes, alive: addon.alive() };
}

module.exports = { fetchAll };

if (require.main === module) {
  const { addonFile, tasks } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  fetchAll(addonFile, tasks).then((result) => console.log(JSON.stringify(result)));
}
