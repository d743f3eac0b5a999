import { skewInWords } from '../diagnose/duration.js';
import type { Report } from '../diagnose/index.js';
import { FAULTS } from './diagnosis-printer.js';

/** The report as one HTML page without scripts and without anything that is loaded from elsewhere. */
export function diagnosisHtml(report: Report): string {
  const { url, tool, runtime, startedAt, verdict, fault, findings, probes, legs, challenges, milliseconds } = report;
  const works = verdict === 'works';
  const headline = works ? 'It works.' : `It does not work: ${FAULTS[fault ?? 'nobody']}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(works ? 'Works' : 'Fails')}: ${text(url)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${text(url)}</h1>
<p class="verdict ${works ? 'ok' : 'failed'}">${text(headline)}</p>
<h2>Findings</h2>
${findings
  .map(
    ({ id, severity, text: said, nextStep }) =>
      `<section class="${severity}"><p><strong>${text(severity)}</strong> <code>${text(id)}</code></p><p>${text(said)}</p>${
        nextStep === 'nothing has to be done' ? '' : `<p><strong>Next:</strong> ${text(nextStep)}</p>`
      }</section>`,
  )
  .join('\n')}
<h2>Probes</h2>
${table(
  ['probe', 'outcome', 'result', 'time'],
  probes.map(({ id, outcome, summary, milliseconds: time }) => [id, outcome, summary, `${time} ms`]),
)}
${
  legs.length === 0
    ? ''
    : `<h2>Handshake</h2>\n${table(
        ['connection', 'peer', 'direction', 'content', 'status', 'bytes', 'after'],
        legs.map(({ connection, peer, direction, scheme, message, status, bytes, at }) => [
          `#${connection}`,
          peer,
          direction,
          message === 'none' ? `${scheme} offered` : `${scheme} ${message}`,
          String(status ?? ''),
          bytes === 0 ? '' : String(bytes),
          `${at} ms`,
        ]),
      )}`
}
${
  challenges.length === 0
    ? ''
    : `<h2>Peers</h2>\n${table(
        ['peer', 'domain', 'computer', 'version', 'clock'],
        challenges.map(({ peer, domain, dnsDomain, computer, dnsComputer, version, skewSeconds }) => [
          peer,
          [domain, dnsDomain].filter(Boolean).join(', '),
          [computer, dnsComputer].filter(Boolean).join(', '),
          version ?? '',
          skewSeconds === undefined ? '' : Math.abs(skewSeconds) < 2 ? 'in step' : skewInWords(skewSeconds),
        ]),
      )}`
}
<footer>${text(
    `${tool.name} ${tool.version}, ${runtime.name} ${runtime.version}, ${runtime.platform} ${runtime.arch}; ${startedAt}, ${milliseconds} ms. ` +
      'This report holds no password, hash, token or user name.',
  )}</footer>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
.verdict { font-size: 1.25rem; font-weight: 600; border-left: .4rem solid; padding-left: .75rem; }
.ok { border-color: #2e7d32; } .failed, .error, .crashed { border-color: #c62828; } .warning { border-color: #b26a00; }
section { border-left: .25rem solid #888; padding-left: .75rem; margin: 1rem 0; } section p { margin: .25rem 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
footer { margin-top: 2rem; font-size: .875rem; opacity: .75; }`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) => row.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join('');
  return `<table>\n<tr>${cells('th', head)}</tr>\n${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}\n</table>`;
}

/** Text of peers becomes text, never markup; control characters and those that reorder lines go. */
function text(value: string): string {
  return (
    value
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, ' ')
      .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
