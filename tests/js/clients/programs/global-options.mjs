// Snippets set options of the global agent. Prints what becomes of a request before and after, then of one without an agent.
import http from 'node:http';
import https from 'node:https';

const [url, ca] = process.argv.slice(2);
const get = (options = {}) =>
  new Promise((resolve) => {
    const request = https.get(url, options, (response) =>
      response.resume().on('end', () => resolve(response.statusCode)),
    );
    request.on('error', ({ code }) => resolve(code));
  });

console.log(await get());
https.globalAgent.options.ca = ca;
console.log(await get());
delete https.globalAgent.options.ca;
https.globalAgent.options.rejectUnauthorized = false;
console.log(await get());
https.globalAgent.destroy();
const alone = https.get(url, { agent: false, ca });
alone.on('response', (response) => response.resume());
await new Promise((resolve) => alone.on('close', resolve));
console.log(alone.shouldKeepAlive, alone.agent === https.globalAgent, alone.socket.destroyed);
console.log(
  https.globalAgent instanceof https.Agent,
  http.globalAgent instanceof http.Agent,
  https.globalAgent.protocol,
);
