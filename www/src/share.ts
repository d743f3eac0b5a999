// A link that contains the token after the '#', which browsers do not send to servers.

export function tokenInLink(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  return token === null ? undefined : token.replaceAll('-', '+').replaceAll('_', '/');
}

export function linkFor(base64: string): string {
  const token = base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `${location.href.replace(/#.*/s, '')}#token=${token}`;
}
