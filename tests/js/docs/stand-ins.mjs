// What the examples expect of Electron and electron-updater, and of the operating system: on loopback, in Node.js.

import { register } from 'node:module';

const modules = {
  electron: `
    import { EventEmitter } from 'node:events';
    export const app = Object.assign(new EventEmitter(), { whenReady: async () => {} });
    export const net = { fetch };
    export const session = {
      defaultSession: {
        resolveProxy: async () => process.env.ELECTRON_PROXY,
        allowNTLMCredentialsForDomains: (domains) => console.log('allowed', domains),
      },
    };
  `,
  'electron-updater': `
    import { EventEmitter } from 'node:events';
    import { session } from 'electron';
    export const autoUpdater = Object.assign(new EventEmitter(), {
      netSession: session.defaultSession,
      checkForUpdates: () =>
        new Promise((resolve) => {
          autoUpdater.emit('login', { isProxy: true, host: 'proxy.corp.example' }, (username, password) => {
            console.log('updater', username, password);
            resolve();
          });
        }),
    });
  `,
};
const hooks = `
  const modules = ${JSON.stringify(modules)};
  export const resolve = (specifier, context, next) =>
    Object.hasOwn(modules, specifier)
      ? { url: 'data:text/javascript,' + encodeURIComponent(modules[specifier]), shortCircuit: true }
      : next(specifier, context);
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const { NTLM_USERNAME: username, NTLM_PASSWORD: password } = process.env;
globalThis.standIn = { delay: 1, log: [], open: new Set(), ntlm: { username, password } };
