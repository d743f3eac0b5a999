import type { DiagnosisFinding, DiagnosisLeg, Report } from '../diagnose/index.js';
import { skewInWords } from '../diagnose/duration.js';
import { wrapped } from './arguments.js';
import { type Dress, printable } from './terminal.js';

const WIDTH = 80;
const COLOURS = { ok: 'green', failed: 'red', skipped: 'dim', crashed: 'red' } as const;
const SEVERITY_COLOURS = { error: 'red', warning: 'yellow', note: 'dim' } as const;

/** The report as text: the probes, the handshake, and at the end the verdict with what to do. */
export function printDiagnosis(report: Report, dress: Dress): string {
  const parts = [
    `${dress('bold', printable(report.url))}\n${dress('dim', versions(report))}`,
    probes(report, dress),
    report.legs.length > 0 ? `${dress('bold', 'Handshake')}\n${legs(report.legs)}` : '',
    report.challenges.length + report.answers.length > 0 ? `${dress('bold', 'Peers')}\n${peers(report)}` : '',
    verdict(report, dress),
    report.findings.map((one) => finding(one, dress)).join('\n\n'),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function versions({ tool, runtime }: Report): string {
  return `${tool.name} ${tool.version}, ${runtime.name} ${runtime.version}, ${runtime.platform} ${runtime.arch}`;
}

function probes({ probes: done }: Report, dress: Dress): string {
  return done
    .map(({ id, outcome, summary }) => {
      const text = wrapped(printable(summary), 24, WIDTH).trimStart();
      return `  ${dress(COLOURS[outcome], outcome.padEnd(8))} ${id.padEnd(13)}${text}`;
    })
    .join('\n');
}

function legs(all: readonly DiagnosisLeg[]): string {
  let before = 0;
  return all
    .map(({ connection, peer, direction, scheme, message, wrapped: inSpnego, status, bytes, at }) => {
      const number = connection === before ? '   ' : `#${connection}`.padEnd(3);
      before = connection;
      const what = message === 'none' ? `${scheme} offered` : `${scheme} ${message}${inSpnego ? ' in SPNEGO' : ''}`;
      const way =
        direction === 'sent' ? `to ${peer}`.padEnd(16) : `from ${peer}`.padEnd(12) + String(status ?? '').padEnd(4);
      const size = bytes === 0 ? '' : `${bytes} bytes`;
      return printable(`  ${number} ${way}${what.padEnd(32)}${size.padStart(10)}${`${at} ms`.padStart(10)}`);
    })
    .join('\n');
}

function peers({ challenges, answers }: Report): string {
  const challengers = challenges.map((view) => {
    const { peer, domain, computer, dnsDomain, dnsComputer, version, skewSeconds } = view;
    const clock = skewSeconds === undefined ? 'without a time' : `clock ${inWords(skewSeconds)}`;
    const names = [both('domain', domain, dnsDomain), both('computer', computer, dnsComputer)];
    return [`the ${peer}`, ...names, version && `version ${version}`, clock].filter(Boolean).join(', ');
  });
  const ours = answers.map(({ peer, ntlmVersion, integrityCode, channelBinding }) => {
    const protections = `${integrityCode ? 'with' : 'without'} integrity code, ${channelBinding ? 'bound to TLS' : 'not bound to TLS'}`;
    return `our response to the ${peer}: ${ntlmVersion ?? 'no NT response'}, ${protections}`;
  });
  return [...challengers, ...ours].map((line) => wrapped(printable(line), 2, WIDTH)).join('\n');
}

function both(label: string, short: string | undefined, long: string | undefined): string | undefined {
  if (short === undefined && long === undefined) return undefined;
  return `${label} ${short && long ? `${short} (${long})` : (short ?? long)}`;
}

function inWords(skew: number): string {
  return Math.abs(skew) < 2 ? 'in step' : skewInWords(skew);
}

function verdict({ verdict: works, fault, milliseconds }: Report, dress: Dress): string {
  const time = dress('dim', ` (${milliseconds} ms)`);
  if (works === 'works') return `${dress('green', 'It works.')}${time}`;
  return `${dress('red', 'It does not work:')} ${dress('bold', FAULTS[fault ?? 'nobody'])}${time}`;
}

export const FAULTS = {
  credentials: 'the credentials are the problem.',
  policy: 'a policy prevents it.',
  network: 'the network is the problem.',
  peer: 'the peer is the problem.',
  configuration: 'the settings of this machine are the problem.',
  nobody: 'see below.',
};

function finding({ id, severity, text, nextStep }: DiagnosisFinding, dress: Dress): string {
  const head = `  ${dress(SEVERITY_COLOURS[severity], severity.padEnd(8))} ${id}`;
  const step = wrapped(`Next: ${nextStep}`, 11, WIDTH).replace('Next:', () => dress('bold', 'Next:'));
  const isIdle = severity === 'note' && nextStep === 'nothing has to be done';
  return `${head}\n${wrapped(printable(text), 11, WIDTH)}${isIdle ? '' : `\n${step}`}`;
}
