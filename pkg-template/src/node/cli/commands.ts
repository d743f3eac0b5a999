import type { Command, CommandTable } from './command.js';

/** Modules are loaded on demand: most commands need only a small part of the package. */
export const COMMANDS: CommandTable = {
  run: { about: 'run a command with its traffic authenticated to the proxy', load: () => import('./commands/run.js') },
  proxy: { about: 'run only the local authenticating proxy', load: () => import('./commands/proxy.js') },
  connect: {
    about: 'open a tunnel on standard input and output, for ssh',
    load: () => import('./commands/connect.js'),
  },
  fetch: { about: 'send one request and print the response body', load: () => import('./commands/fetch.js') },
  diagnose: {
    about: 'find out why authentication to a URL fails, and how to fix it',
    load: () => import('./commands/diagnose.js'),
  },
  decode: { about: 'explain NTLM and SPNEGO tokens, field by field', load: () => import('./commands/decode.js') },
  server: {
    about: 'run a test proxy and server that require NTLM',
    load: () => import('./commands/server.js'),
  },
  hash: { about: 'print the NT hash of a password, for NTLM_HASH', load: () => import('./commands/hash.js') },
  service: {
    about: 'run the local proxy as a service of the current user',
    load: () => import('./commands/service.js'),
  },
  setup: {
    about: 'configure npm, git, pip and others to use the local proxy',
    load: () => import('./commands/setup.js'),
  },
  'register-path': {
    about: 'print the URL of ntlm-wasm/register, for NODE_OPTIONS',
    load: () => import('./commands/register-path.js'),
  },
  credential: {
    about: 'store the password in the key store of the system',
    load: () => import('./commands/credential.js'),
  },
  config: {
    about: 'print the effective settings; create configuration files',
    load: () => import('./commands/config.js'),
  },
  completion: {
    about: 'print a completion script for bash, zsh, fish or PowerShell',
    load: () => import('./commands/completion.js'),
  },
};

export async function loadCommand(name: string): Promise<Command> {
  return (await (COMMANDS[name] as (typeof COMMANDS)[string]).load()).command;
}
