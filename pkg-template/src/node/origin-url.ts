/** So many origins are remembered; programs that speak to more begin to remember again. */
const MOST = 1000;

const known = new Map<string, URL>();

/**
 * The URL of an origin, `http://host:port`. The same text gives the same object, so that it is parsed once and whatever
 * is worked out from it can be kept with it. Nobody may change it.
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
