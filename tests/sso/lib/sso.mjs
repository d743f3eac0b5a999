// What a client needs for single sign-on: the addon and tickets, and nothing else from this machine.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lab, labCommand } from '../../interop/lib/lab.mjs';

/** The addon's package for this machine, as `cargo xtask addon` leaves it. */
export const addonPackage = fileURLToPath(new URL(`../../../pkg-native/linux-${process.arch}-gnu`, import.meta.url));
const addon = process.env.NTLM_ADDON ?? join(addonPackage, 'ntlm-wasm.node');
if (!existsSync(addon)) throw new Error(`there is no ${addon}: run \`cargo xtask addon\``);

/** A folder for this file of tests; gone when it is done. */
export function scratchFolder(after) {
  const folder = mkdtempSync(join(tmpdir(), 'ntlm-sso-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Gets a Kerberos ticket for the user in a separate cache. Returns the value for KRB5CCNAME. */
export function ticketOf(user, folder) {
  const [, file] = /KRB5CCNAME=FILE:(\S+)/.exec(labCommand('kinit', user));
  const own = join(folder, `cc.${user}`);
  copyFileSync(file, own);
  return `FILE:${own}`;
}

/** The environment of a client: the addon, Kerberos' configuration, and no name or password. */
export function environment({ ticket = 'FILE:/nonexistent/cc', ...more } = {}) {
  const env = { ...process.env, NTLM_ADDON: addon, KRB5_CONFIG: lab.krb5.config, KRB5CCNAME: ticket };
  for (const name of Object.keys(env)) {
    if (/^(NTLM_(USERNAME|PASSWORD|HASH|DOMAIN|USER_FILE)|(https?|all|no)_proxy)$/i.test(name)) delete env[name];
  }
  return { ...env, ...more };
}

/** Kerberos knows the lab's servers by this name. */
export const byName = (url) => url.replace(lab.ip, 'localhost');

/** By a name that only the proxy can resolve: a client that goes around it gets nowhere. */
export const behindProxy = (url) => url.replace(lab.ip, 'www.corp.example');

/** Runs one program of the machine; its standard output. */
export function execute(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (error ?? status !== 0) throw error ?? new Error(`${command} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
