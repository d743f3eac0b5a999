import type { Command, CommandTable } from './command.js';

/** Each with the module that is loaded when it is asked for, and not before: most commands need little of the package. */
export const COMMANDS: CommandTable = {
  run: { about: 'run a command behind a proxy that signs on for it', load: () => import('./commands/run.js') },
  proxy: { about: 'that proxy alone', load: () => import('./commands/proxy.js') },
  connect: {
    about: 'a tunnel on standard input and output, for ssh',
    load: () => import('./commands/connect.js'),
  },
  fetch: { about: 'one request, its body to standard output', load: () => import('./commands/fetch.js') },
  diagnose: {
    about: 'how this network behaves towards an address, and what to do about it',
    load: () => import('./commands/diagnose.js'),
  },
  decode: { about: 'NTLM and SPNEGO tokens, field by field', load: () => import('./commands/decode.js') },
  server: {
    about: 'a proxy and server that demand NTLM, for trying things out',
    load: () => import('./commands/server.js'),
  },
  hash: { about: 'the NT hash of a password, for NTLM_HASH', load: () => import('./commands/hash.js') },
  service: {
    about: 'the local proxy from log-on to log-off',
    load: () => import('./commands/service.js'),
  },
  setup: {
    about: "the local proxy in other programs' settings: npm, git, pip and more",
    load: () => import('./commands/setup.js'),
  },
  'register-path': {
    about: 'the address of ntlm-wasm/register, for NODE_OPTIONS',
    load: () => import('./commands/register-path.js'),
  },
  credential: {
    about: "the password in the system's key store",
    load: () => import('./commands/credential.js'),
  },
  config: {
    about: 'what is set, and where each value comes from; configuration files',
    load: () => import('./commands/config.js'),
  },
  completion: {
    about: 'completion of this command line, for bash, zsh, fish and PowerShell',
    load: () => import('./commands/completion.js'),
  },
};

export async function loadCommand(name: string): Promise<Command> {
  return (await (COMMANDS[name] as (typeof COMMANDS)[string]).load()).command;
}
