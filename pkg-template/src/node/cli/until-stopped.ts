/**
 * Waits for the first SIGINT or SIGTERM, then closes in good order; the second one ends the program at once, as
 * everybody who presses the keys twice expects.
 */
export async function untilStopped(close: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const force = (): void => process.exit(130);
  process.once('SIGINT', force);
  process.once('SIGTERM', force);
  await close();
  process.off('SIGINT', force);
  process.off('SIGTERM', force);
}
