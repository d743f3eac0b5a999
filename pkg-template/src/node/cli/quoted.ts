import { withoutUserinfo } from '../http1/userinfo.js';

/** What was typed, to be repeated in a sentence: a URL may hold a password, in whatever place it was typed. */
export function quoted(text = ''): string {
  return `"${withoutUserinfo(text)}"`;
}
