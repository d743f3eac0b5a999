// The server side of a WebSocket that sends one text message (RFC 6455).

import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
export const MESSAGE = 'hello';

/** A listener for the event `upgrade` of a server. */
export function acceptWebSocket(request, socket) {
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
  socket.on('error', () => {}).resume();
  socket.write(`${fields.join('\r\n')}\r\n\r\n`);
  socket.write(Buffer.concat([Buffer.from([0x81, MESSAGE.length]), Buffer.from(MESSAGE)]));
}
