/** The number of cached origins. The cache is cleared when it is full. */
const MOST = 1000;

const known = new Map<string, URL>();

/**
 * Returns the URL of an origin, `http://host:port`. The same text returns the same object, so it is parsed once and can be a
 * cache key. Callers must not modify it.
 */
export function originUrl(text: string): URL {
  let url = known.get(text);
  if (url === undefined) {
    url = new URL(text);
    if (known.size === MOST) known.clear();
    known.set(text, url);
  }
  return url;
}
