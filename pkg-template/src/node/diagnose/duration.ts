const UNITS: readonly (readonly [name: string, seconds: number, from: number])[] = [
  ['day', 86_400, 172_800],
  ['hour', 3_600, 7_200],
  ['minute', 60, 120],
];

/** A duration in words, in its largest unit of which there are two or more: `318 days`, `3 hours`, `40 seconds`. */
export function durationInWords(seconds: number): string {
  const length = Math.abs(Math.round(seconds));
  const [name, size] = UNITS.find(([, , from]) => length >= from) ?? ['second', 1];
  const count = Math.round(length / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** How far a clock is from this machine's. */
export function skewInWords(seconds: number): string {
  return `${durationInWords(seconds)} ${seconds > 0 ? 'ahead' : 'behind'}`;
}
