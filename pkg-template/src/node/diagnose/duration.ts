const UNITS: readonly (readonly [name: string, seconds: number, from: number])[] = [
  ['day', 86_400, 172_800],
  ['hour', 3_600, 7_200],
  ['minute', 60, 120],
];

/** Formats a duration in the largest unit with a value of at least two: `318 days`, `3 hours`, `40 seconds`. */
export function durationInWords(seconds: number): string {
  const length = Math.abs(Math.round(seconds));
  const [name, size] = UNITS.find(([, , from]) => length >= from) ?? ['second', 1];
  const count = Math.round(length / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** Formats the difference between a clock and this machine's clock. */
export function skewInWords(seconds: number): string {
  return `${durationInWords(seconds)} ${seconds > 0 ? 'ahead' : 'behind'}`;
}
