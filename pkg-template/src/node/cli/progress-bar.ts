import type { WriteStream } from 'node:tty';

const WIDTH = 30;
const INTERVAL = 100;

export interface Progress {
  add(bytes: number): void;
  end(): void;
}

/** How far a download is, where a terminal shows it; nothing elsewhere. */
export function progressBar(stream: WriteStream, total: number | undefined): Progress | undefined {
  if (!stream.isTTY) return undefined;
  let bytes = 0;
  let drawn = 0;
  const draw = (): void => {
    drawn = Date.now();
    stream.write(`\r${progressLine(bytes, total)}`);
  };
  return {
    add(count) {
      bytes += count;
      if (Date.now() - drawn >= INTERVAL) draw();
    },
    end() {
      draw();
      stream.write('\n');
    },
  };
}

export function progressLine(bytes: number, total: number | undefined): string {
  if (total === undefined) return sizeOf(bytes);
  const share = Math.min(1, bytes / total);
  const filled = Math.round(share * WIDTH);
  return `[${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${Math.floor(share * 100)}% of ${sizeOf(total)}`;
}

function sizeOf(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
