import { texts } from './generated/texts.js';

/**
 * Writes out the JSON of the decoder, which refers to texts by number: two characters, the first of them a control character
 * (U+0010 to U+001F), hold ten bits. Where a text has gaps, U+0002 stands before it, U+0003 before what fills each of them,
 * and U+0004 at the end. U+0005 begins a moment in milliseconds since 1601, which U+0004 ends. JSON has no control characters
 * of its own, so nothing that came from outside can be taken for one.
 */
export function writeOut(json: string): string {
  let said = json
    .replace(REFERENCE, (reference) => texts[number(reference)] ?? '')
    .replace(MOMENT, (_, milliseconds: string) => moment(Number(milliseconds)));
  // From the inside out: what fills a gap may have gaps itself.
  for (let before = ''; before !== said;) {
    before = said;
    said = said.replace(FILLED, (_, filled: string) => {
      const [text = '', ...parts] = filled.split('\u0003');
      return text.replace(/\{\}/g, () => parts.shift() ?? '');
    });
  }
  return said;
}

const MOMENT = /\u0005(\d+)\u0004/g;
const REFERENCE = /[\u0010-\u001f]./g;
const FILLED = /\u0002([^\u0002\u0004]*)\u0004/g;

function number(reference: string): number {
  return ((reference.charCodeAt(0) & 15) << 6) | (reference.charCodeAt(1) & 63);
}

const MILLISECONDS_TO_1970 = 11_644_473_600_000;

/** ISO 8601, without the sign and the zero that JavaScript puts before years of five digits. */
function moment(milliseconds: number): string {
  return new Date(milliseconds - MILLISECONDS_TO_1970).toISOString().replace(/^\+0/, '');
}
