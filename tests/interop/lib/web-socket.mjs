// The server side of a WebSocket that sends one text message (RFC 6455).

import { createHash } from 'node:crypto';
import { ServerResponse } from 'node:http';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
export const MESSAGE = 'hello';

/** A listener for the event `upgrade` of a server. */
export function acceptWebSocket(request, socket) {
  if (request.headers.upgrade !== 'websocket') return answerPlainly(this, request, socket);
  const accept = createHash('sha1')
    .update(request.headers['sec-websocket-key'] + GUID)
    .digest('base64');
  const [protocol] = (request.headers['sec-websocket-protocol'] ?? '').split(',');
  const fields = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol.trim()}`]),
  ];
  // An upgraded socket stays half open, and `server.close` waits for it.
  socket
    .on('error', () => {})
    .on('end', () => socket.end())
    .resume();
  socket.write(`${fields.join('\r\n')}\r\n\r\n`);
  socket.write(Buffer.concat([Buffer.from([0x81, MESSAGE.length]), Buffer.from(MESSAGE)]));
}

/** cargo offers HTTP/2 (`Upgrade: h2c`): a server may answer as if it had not. */
function answerPlainly(server, request, socket) {
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  response.shouldKeepAlive = false;
  response.on('finish', () => socket.end());
  server.emit('request', request, response);
}
