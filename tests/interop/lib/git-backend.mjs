// git's smart HTTP protocol: `git http-backend`, a CGI program (RFC 3875), behind a server of Node.

import { execFileSync, spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';

/** A bare repository with one empty commit. */
export function makeRepository(path) {
  const who = ['-c', 'user.name=registry', '-c', 'user.email=registry@corp.example'];
  const git = (...args) => execFileSync('git', [...who, '-C', path, ...args], { encoding: 'utf8' }).trim();
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', path]);
  const tree = git('hash-object', '-t', 'tree', '-w', '/dev/null');
  git('update-ref', 'refs/heads/main', git('commit-tree', '-m', 'empty', tree));
}

/** Answers a request for one of the repositories below `root`. */
export async function serveGit(root, request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://x');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: String(searchParams),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const sent = pipeline(request, child.stdin);
  const pieces = [];
  for await (const piece of child.stdout) pieces.push(piece);
  await sent;
  const answer = Buffer.concat(pieces);
  const end = answer.indexOf('\r\n\r\n');
  const fields = answer
    .toString('latin1', 0, end)
    .split('\r\n')
    .map((line) => line.split(/: */, 2));
  const status = fields.find(([name]) => name === 'Status')?.[1];
  response.writeHead(Number.parseInt(status ?? '200', 10), fields.filter(([name]) => name !== 'Status').flat());
  response.end(answer.subarray(end + 4));
}
