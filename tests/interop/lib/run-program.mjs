// Runs a client program to its end. The event loop goes on meanwhile: the server it talks to may be ours.

import { spawn } from 'node:child_process';

export function runProgram(command, args, { env = {}, input = '', seconds = 60, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, timeout: seconds * 1000 });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'])
      child[name].setEncoding('utf8').on('data', (text) => {
        output[name] += text;
      });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
    child.stdin.on('error', () => {}); // a program that does not read its input may end first
    child.stdin.end(input);
  });
}
