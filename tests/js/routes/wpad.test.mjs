/** Automatic detection of the PAC file, where the system's settings ask for it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsDomains, parseGsettings, parseScutil, wpadRoutes } from '../internals.mjs';

test('the settings ask for it: GNOME without an address, macOS', () => {
  const gnome = ["org.gnome.system.proxy mode 'auto'", "org.gnome.system.proxy autoconfig-url ''"].join('\n');
  assert.equal(parseGsettings(gnome).autoDetect, true);
  assert.equal(parseScutil('<dictionary> {\n  ProxyAutoDiscoveryEnable : 1\n}\n').autoDetect, true);
});

test('the domains are those of the machine and its search list, and no top-level domain', () => {
  const resolvConf = 'nameserver 10.0.0.1\nsearch corp.example lan sub.corp.example.\n';
  assert.deepEqual(dnsDomains('pc7.branch.corp.example', resolvConf), [
    'branch.corp.example',
    'corp.example',
    'sub.corp.example',
  ]);
  assert.deepEqual(dnsDomains('pc7', ''), []);
});

test('without a name that exists, or a PAC file there, the route is direct and says why', async () => {
  const asked = [];
  const sources = {
    domains: async () => ['a.invalid', 'b.invalid'],
    exists: async (host) => asked.push(host) === 2,
  };
  const resolve = wpadRoutes('GNOME settings', sources);
  assert.deepEqual(await resolve(new URL('http://x.example/')), [
    { kind: 'direct', rule: 'GNOME settings, automatic detection found no PAC file' },
  ]);
  assert.deepEqual(asked, ['wpad.a.invalid', 'wpad.b.invalid']);
});
