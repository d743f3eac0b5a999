import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delimiter } from 'node:path';
import { ownFolders, parseGsettings, parseRegistry, parseScutil } from '../internals.mjs';

const gnome = (...lines) => parseGsettings(lines.map((line) => `org.gnome.system.proxy${line}`).join('\n'));
const windows = (...lines) =>
  parseRegistry(
    [
      '',
      'HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings',
      ...lines.map((line) => `    ${line}`),
      '',
    ].join('\r\n'),
  );

test('GNOME: manual proxies with exceptions', () => {
  const settings = gnome(
    " autoconfig-url ''",
    " ignore-hosts ['localhost', '127.0.0.0/8', '::1', '*.corp.example']",
    " mode 'manual'",
    ' use-same-proxy true',
    ".ftp host ''",
    '.ftp port 0',
    ".http host 'proxy.corp.example'",
    '.http port 8080',
    ".https host 'secure.corp.example'",
    '.https port 8443',
    ".socks host ''",
    '.socks port 0',
  );
  assert.deepEqual(settings, {
    source: 'GNOME settings',
    http: 'proxy.corp.example:8080',
    https: 'secure.corp.example:8443',
    socksOnly: false,
    exceptions: 'localhost,127.0.0.0/8,::1,*.corp.example',
  });
});

test('GNOME: none, automatic, SOCKS alone, no output', () => {
  assert.equal(gnome(" mode 'none'", ".http host 'left-over'", '.http port 8080'), undefined);
  const auto = gnome(" mode 'auto'", " autoconfig-url 'http://wpad/wpad.dat'", ' ignore-hosts @as []');
  assert.equal(auto.pacUrl, 'http://wpad/wpad.dat');
  assert.equal(gnome(" mode 'manual'", ".socks host 's'", '.socks port 1080').socksOnly, true);
  assert.equal(parseGsettings(''), undefined);
});

const SCUTIL = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  ExcludeSimpleHostnames : 1
  FTPPassive : 1
  HTTPEnable : 1
  HTTPPort : 8080
  HTTPProxy : proxy.corp.example
  HTTPSEnable : 0
  HTTPSPort : 8443
  HTTPSProxy : left-over
}
`;

test('macOS: what is enabled counts, with its exceptions', () => {
  assert.deepEqual(parseScutil(SCUTIL), {
    source: 'macOS network settings',
    http: 'proxy.corp.example:8080',
    socksOnly: false,
    exceptions: 'localhost,127.0.0.0/8,::1,*.local,169.254/16,<local>',
  });
});

test('macOS: a PAC file, SOCKS alone, nothing', () => {
  const pac = '<dictionary> {\n  ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : http://wpad:80/a.pac\n}\n';
  assert.equal(parseScutil(pac).pacUrl, 'http://wpad:80/a.pac');
  assert.equal(
    parseScutil('<dictionary> {\n  SOCKSEnable : 1\n  SOCKSProxy : s\n  SOCKSPort : 1080\n}\n').socksOnly,
    true,
  );
  assert.equal(parseScutil('<dictionary> {\n  FTPPassive : 1\n}\n'), undefined);
  assert.equal(parseScutil(''), undefined);
});

test('Windows: one proxy for all, or one per scheme', () => {
  const one = windows(
    'ProxyEnable    REG_DWORD    0x1',
    'ProxyServer    REG_SZ    proxy:8080',
    'ProxyOverride    REG_SZ    *.corp.example;<local>',
  );
  assert.deepEqual(one, {
    source: 'Windows internet settings',
    http: 'proxy:8080',
    https: 'proxy:8080',
    exceptions: 'localhost,127.0.0.0/8,::1;*.corp.example;<local>',
  });
  const several = windows(
    'ProxyEnable    REG_DWORD    0x1',
    'ProxyServer    REG_SZ    http=a:80;https=b:81;socks=c:1080',
  );
  assert.equal(several.http, 'a:80');
  assert.equal(several.https, 'b:81');
  const socks = windows('ProxyEnable    REG_DWORD    0x1', 'ProxyServer    REG_SZ    socks=c:1080');
  assert.equal(socks.socksOnly, true);
});

test('Windows: switched off, PAC file, loopback through the proxy, no output', () => {
  assert.equal(windows('ProxyEnable    REG_DWORD    0x0', 'ProxyServer    REG_SZ    proxy:8080'), undefined);
  const pac = windows('ProxyEnable    REG_DWORD    0x0', 'AutoConfigURL    REG_SZ    http://wpad/a b.pac');
  assert.equal(pac.pacUrl, 'http://wpad/a b.pac');
  const all = windows(
    'ProxyEnable    REG_DWORD    0x1',
    'ProxyServer    REG_SZ    proxy:8080',
    'ProxyOverride    REG_SZ    <-loopback>',
  );
  assert.equal(all.exceptions, '');
  assert.equal(parseRegistry(''), undefined);
});

test('the tools of the system are not looked for among what a project depends on, nor in the folder one is in', () => {
  const path = ['/p/node_modules/.bin', 'bin', '.', '', '/usr/bin', '/p/node_modules', '/opt/node_modules_not/bin'];
  assert.equal(ownFolders(path.join(delimiter)), ['/usr/bin', '/opt/node_modules_not/bin'].join(delimiter));
  assert.equal(ownFolders(''), ['/usr/bin', '/bin'].join(delimiter));
});
