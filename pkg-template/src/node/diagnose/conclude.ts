import { ofTheAnswer } from './conclusions/answer.js';
import { ofTheCertificate } from './conclusions/certificate.js';
import { ofTheOffer } from './conclusions/offer.js';
import { ofTheSignOn } from './conclusions/sign-on.js';
import { ofTheWay } from './conclusions/way.js';
import { type Finding, finding } from './findings.js';
import type { Observations } from './observations.js';
import type { Probe } from './report.js';

const SEVERITIES = ['error', 'warning', 'note'];

/** What follows from all that was seen, worst first, each once. */
export function conclude(seen: Observations, probes: readonly Probe[]): Finding[] {
  const found = [
    ...probes
      .filter(({ outcome }) => outcome === 'crashed')
      .map(({ id, summary }) => finding('crashed', `${id}: ${summary}`)),
    ...ofTheWay(seen),
    ...ofTheSignOn(seen),
    ...ofTheOffer(seen),
    ...ofTheAnswer(seen),
    ...ofTheCertificate(seen),
  ];
  const ids = new Set<string>();
  const once = found.filter(({ id }) => !ids.has(id) && ids.add(id));
  return once.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}
