/** The middle of a list of numbers. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * What is said of a list of measurements: the median, and the spread from the lower to the upper quartile, which a single
 * disturbed round cannot stretch.
 */
export function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { median: median(values), low: at(0.25), high: at(0.75), rounds: values.length };
}

/**
 * How many times one is the other: the median of the ratios round by round. The rounds of both ran next to each other, so
 * that what slowed one slowed the other too.
 */
export function ratio(values, others) {
  return summary(values.map((value, round) => value / others[round]));
}
