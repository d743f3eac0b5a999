import { register } from 'node:module';

// Electron itself is no npm package. What the example wants of it is two functions.
const electron = `
  export const app = { whenReady: async () => {} };
  export const session = { defaultSession: { resolveProxy: async () => process.env.ELECTRON_PROXY } };
`;
const hooks = `
  const url = 'data:text/javascript,' + ${JSON.stringify(encodeURIComponent(electron))};
  export const resolve = (specifier, context, next) =>
    specifier === 'electron' ? { url, shortCircuit: true } : next(specifier, context);
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
