// Pictures of the page in www/, taken so that another version of a browser draws the same: Chromium 147, 148 and 153 do.
//
// The fonts are those of Debian's fonts-dejavu-core. Pictures are stored at a quarter of their size, each pixel the mean of
// 4 x 4. This hides how a browser smooths the edges of letters, and one changed letter is still noticed.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PNG } from 'pngjs';

const ACCEPTED = fileURLToPath(new URL('accepted/', import.meta.url));
const DIFFERENT = fileURLToPath(new URL('../../target/pictures/', import.meta.url));

/** The page under test, opened as a file. */
export const page = new URL('../../www/dist/index.html', import.meta.url).href;

/** Whether pictures are accepted instead of compared. */
const ACCEPTING = process.env.ACCEPT_PICTURES !== undefined;

/** The number of pixels in a row that become one. */
const SHRINK = 4;
/** The side of the squares that are compared, in pixels of the stored picture. */
const SQUARE = 2;
/** The largest difference between the mean colours of two squares, of 255. */
const TOLERANCE = 10;
/** The step between the stored values of a colour, which makes the files small. */
const STEP = 8;

export const SCREENS = {
  '320 px': { width: 320, height: 568 },
  '360 px': { width: 360, height: 740 },
  '768 px': { width: 768, height: 1024 },
  '1280 px': { width: 1280, height: 900 },
  '1920 px': { width: 1920, height: 1080 },
  '200 % zoom': { width: 640, height: 450, scale: 2 },
};

/** Runs in the page: sets the pinned fonts, hides the caret, removes the pointer, and scrolls everything to its start. */
export async function settle() {
  const { style } = document.documentElement;
  style.setProperty('--sans', "'DejaVu Sans', sans-serif");
  style.setProperty('--mono', "'DejaVu Sans Mono', monospace");
  style.setProperty('caret-color', 'transparent');
  style.setProperty('pointer-events', 'none');
  document.activeElement?.blur();
  document.querySelectorAll('.tree, .hex').forEach((area) => area.dispatchEvent(new MouseEvent('mouseleave')));
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await document.fonts.ready;
  await frame();
  await frame();
  for (const element of document.querySelectorAll('*')) element.scrollTo(0, 0);
  // A picture of the whole page makes the page scroll to the selected bytes again, sometimes.
  document.querySelector('.hex').style.overflow = 'clip';
  await frame();
}

/** Compares a screenshot with the accepted one, or accepts it. `scale` is the number of its pixels for each of the layout. */
export function check(name, screenshot, scale = 1) {
  const file = join(ACCEPTED, fileName(name));
  const actual = stored(screenshot, scale);
  if (ACCEPTING) {
    mkdirSync(ACCEPTED, { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  const { problem, marked } = existsSync(file)
    ? compared(readFileSync(file), actual)
    : { problem: 'there is no accepted picture' };
  if (problem === undefined) return;
  mkdirSync(DIFFERENT, { recursive: true });
  const base = join(DIFFERENT, fileName(name).slice(0, -4));
  writeFileSync(`${base}-now.png`, screenshot);
  if (marked !== undefined) writeFileSync(`${base}-marked.png`, PNG.sync.write(marked));
  throw new Error(`${name}: ${problem}. See ${base}-*.png; \`cargo xtask pictures\` accepts the page as it is now`);
}

/** Compares two stored pictures. The problem is undefined if a person would see the same. */
export function compared(accepted, actual) {
  const [one, other] = [accepted, actual].map((file) => PNG.sync.read(file));
  if (one.width !== other.width || Math.abs(one.height - other.height) > 1) {
    const size = (picture) => `${picture.width} x ${picture.height}`;
    return { problem: `${size(other)} pixels instead of ${size(one)}` };
  }
  let [count, place] = [0, ''];
  const { width } = other;
  for (let top = 0; top + SQUARE <= Math.min(one.height, other.height); top++) {
    for (let left = 0; left + SQUARE <= width; left++) {
      if (difference(one, other, left, top) <= TOLERANCE) continue;
      if (count++ === 0) place = `first at ${SHRINK * left}, ${SHRINK * top}`;
      for (let i = 0; i < SQUARE ** 2; i++) {
        other.data[4 * ((top + Math.floor(i / SQUARE)) * width + left + (i % SQUARE))] = 255;
      }
    }
  }
  return count === 0 ? {} : { problem: `${count} squares are different, ${place}`, marked: other };
}

/** The largest difference between the mean colours of a square in two pictures. */
function difference(one, other, left, top) {
  const sums = [0, 0, 0];
  for (let i = 0; i < SQUARE ** 2; i++) {
    const at = 4 * ((top + Math.floor(i / SQUARE)) * one.width + left + (i % SQUARE));
    for (const colour of sums.keys()) sums[colour] += one.data[at + colour] - other.data[at + colour];
  }
  return Math.max(...sums.map(Math.abs)) / SQUARE ** 2;
}

/** Returns the names of the accepted pictures, and their size in bytes. */
export function accepted() {
  const names = readdirSync(ACCEPTED);
  return { names, bytes: names.reduce((sum, name) => sum + readFileSync(join(ACCEPTED, name)).length, 0) };
}

/** Returns the pages of a PDF as screenshots with 96 pixels per inch. */
export async function pagesOf(pdf) {
  const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-print-'));
  try {
    const file = join(folder, 'page.pdf');
    writeFileSync(file, pdf);
    await promisify(execFile)('pdftoppm', ['-r', '96', '-png', file, join(folder, 'page')]);
    const names = readdirSync(folder).filter((name) => name.endsWith('.png'));
    return names.sort().map((name) => readFileSync(join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns a screenshot as it is stored. */
export function stored(screenshot, scale = 1) {
  const { width, height, data } = PNG.sync.read(Buffer.from(screenshot));
  const by = SHRINK * scale;
  const small = new PNG({ width: Math.floor(width / by), height: Math.floor(height / by) });
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const at = 4 * (y * small.width + x);
      for (let colour = 0; colour < 3; colour++) {
        let sum = 0;
        for (let i = 0; i < by * by; i++) {
          sum += data[4 * ((y * by + Math.floor(i / by)) * width + x * by + (i % by)) + colour];
        }
        small.data[at + colour] = Math.min(255, Math.round(sum / (by * by) / STEP) * STEP);
      }
      small.data[at + 3] = 255;
    }
  }
  return PNG.sync.write(small, { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 });
}

/** Returns the file name of a picture. */
export const fileName = (name) => `${name.replaceAll(/[ %,]+/g, '-')}.png`;
