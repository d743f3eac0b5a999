/** How a network behaves, as a report. */
export { diagnose, type DiagnoseOptions } from './diagnose.js';
export { type Fault, type Finding as DiagnosisFinding, FINDING_IDS } from './findings.js';
export type { Leg as DiagnosisLeg, Probe as DiagnosisProbe, Report } from './report.js';
