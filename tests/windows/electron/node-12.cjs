// What ntlm-wasm takes for granted in Node.js 20 and Electron 9 does not have: just enough to run its agent there.

const { EventEmitter } = require('events');
const { ClientRequest } = require('http');
const { performance } = require('perf_hooks');

global.performance = performance;

URL.canParse = (text, base) => {
  try {
    return Boolean(new URL(text, base));
  } catch {
    return false;
  }
};
Object.hasOwn = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
const at = {
  value(index) {
    return this[index < 0 ? this.length + index : index];
  },
};
for (const { prototype } of [Array, String, Object.getPrototypeOf(Uint8Array)])
  Object.defineProperty(prototype, 'at', at);
Object.defineProperty(String.prototype, 'replaceAll', {
  value(found, replacement) {
    return found instanceof RegExp ? this.replace(found, replacement) : this.split(found).join(replacement);
  },
});

class Signal extends EventEmitter {
  constructor() {
    super();
    this.aborted = false;
    this.addEventListener = this.once;
    this.removeEventListener = this.off;
  }

  throwIfAborted() {
    if (this.aborted) throw this.reason;
  }
}

global.AbortSignal = Signal;
global.AbortController = class {
  constructor() {
    this.signal = new Signal();
  }

  abort(reason = new Error('aborted')) {
    if (this.signal.aborted) return;
    Object.assign(this.signal, { aborted: true, reason });
    this.signal.emit('abort', { type: 'abort', target: this.signal });
  }
};

// An agent's failure reaches a request by this second argument only since Node.js 14, and a socket that was paused before
// stays so when the request begins to listen.
const { onSocket } = ClientRequest.prototype;
ClientRequest.prototype.onSocket = function (socket, error) {
  if (!socket) return process.nextTick(() => this.emit('error', error));
  this.once('socket', () => socket.resume());
  return onSocket.call(this, socket);
};
