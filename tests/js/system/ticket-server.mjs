/** A server, or a proxy, that takes the token TICKET, for the connection or for each request. */
import { createServer } from 'node:http';
import { once } from 'node:events';

/**
 * @param {{ isProxy?: boolean, per?: 'connection' | 'request', answer?: string, delay?: number, body?: Buffer }} options
 */
export async function startTicketServer(options = {}) {
  const { isProxy = false, per = 'connection', answer = 'WELCOME', body = Buffer.from('page') } = options;
  const seen = [];
  const known = new WeakSet();
  const server = createServer(async (request, response) => {
    const field = request.headers[isProxy ? 'proxy-authorization' : 'authorization'];
    let length = 0;
    for await (const chunk of request) length += chunk.length;
    seen.push(`${request.method} ${field === undefined ? 'bare' : 'ticket'} ${length}`);
    const challenge = isProxy ? 'proxy-authenticate' : 'www-authenticate';
    if (field === 'Negotiate TICKET') {
      if (per === 'connection') known.add(request.socket);
      response.setHeader(challenge, `Negotiate ${answer}`);
    } else if (!known.has(request.socket)) {
      response.writeHead(isProxy ? 407 : 401, { [challenge]: 'Negotiate' });
      return response.end('who is there?');
    }
    return response.end(request.method === 'HEAD' ? undefined : body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
