import type { PageView } from './report.js';

/** Products that respond instead of a server, with the patterns of their pages and headers. */
const VENDORS: readonly (readonly [name: string, signature: RegExp])[] = [
  ['Zscaler', /zscaler/i],
  ['Blue Coat (Symantec) ProxySG', /blue ?coat|proxysg|\bnotify-notify_/i],
  ['Forcepoint (Websense)', /websense|forcepoint|blockpage\.cgi/i],
  ['McAfee (Skyhigh) Web Gateway', /mcafee web gateway|skyhigh secure|mwg-internal/i],
  ['FortiGate', /fortigate|fortiguard|fortinet|fgt_lang/i],
  ['Palo Alto Networks', /palo ?alto|pan_form|paloaltonetworks/i],
  ['Cisco', /cisco (?:umbrella|ironport|secure web|wsa)|opendns/i],
  ['Sophos', /\bsophos\b/i],
  ['Netskope', /netskope/i],
  ['Squid', /squid\/\d|\(squid\)|x-squid-error/i],
];

const BLOCKED = /\b(?:block(?:ed)?|denied|forbidden|not allowed|restricted|policy violation|category)\b/i;
const PORTAL =
  /WISPAccessGatewayParam|captive[ -]?portal|wi-?fi (?:access|log ?in|sign ?in|portal)|hotspot|guest (?:network|access|wi-?fi)|coova/i;

/** The URLs that operating systems fetch to detect captive portals, and checks of the genuine response. */
const PROBES: Readonly<Record<string, (status: number, body: string) => boolean>> = {
  'connectivitycheck.gstatic.com': (status) => status === 204,
  'www.gstatic.com': (status) => status !== 200,
  'www.msftconnecttest.com': (_status, body) => body.includes('Microsoft Connect Test'),
  'captive.apple.com': (_status, body) => body.includes('Success'),
  'detectportal.firefox.com': (_status, body) => /^(?:success|<meta)/.test(body.trim()),
};

/** Identifies the author of a response; undefined if unknown. */
export function pageOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  url: URL,
): PageView | undefined {
  const title = textOf(/<title[^>]*>([^<]*)/i.exec(body)?.[1] ?? /<h1[^>]*>([^<]*)/i.exec(body)?.[1] ?? '');
  const squidError = headers['x-squid-error'];
  const written = `${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')}\n${body}`;
  const vendor = VENDORS.find(([, signature]) => signature.test(written))?.[0];
  const plain = textOf(body.replace(/<(script|style)[^]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' '));
  const firstLine = title === '' && status >= 400 ? plain : '';
  const refresh = /<meta[^>]+http-equiv=["']?refresh[^>]+url=["']?([^"'>\s]+)/i.exec(body)?.[1];
  const leavesHost =
    refresh !== undefined && URL.canParse(refresh, url.href) && new URL(refresh, url.href).hostname !== url.hostname;
  const real = PROBES[url.hostname];
  const isPortal = status === 200 && (PORTAL.test(body) || leavesHost || (real !== undefined && !real(status, body)));
  const isBlock = status === 200 && vendor !== undefined && BLOCKED.test(`${title} ${plain.slice(0, 400)}`);
  const view = {
    ...(title === '' ? {} : { title }),
    ...(firstLine === '' ? {} : { text: firstLine }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(squidError === undefined ? {} : { squidError: squidError.slice(0, 100) }),
    ...(isPortal ? { isPortal } : {}),
    ...(isBlock ? { isBlock } : {}),
  };
  return Object.keys(view).length === 0 ? undefined : view;
}

function textOf(text: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#39': "'" };
  const plain = text.replace(/&(#39|\w+);/g, (entity, name: string) => entities[name] ?? entity);
  return plain.replace(/\s+/g, ' ').trim().slice(0, 120);
}

/** Formats a page, such as `Zscaler: "URL blocked by policy"`; undefined if there is no information. */
export function pageInWords(page: PageView | undefined): string | undefined {
  if (page === undefined) return undefined;
  const { vendor, title, text, squidError } = page;
  const said = title ?? text;
  const parts = [vendor, said === undefined ? undefined : `"${said}"`].filter((part) => part !== undefined).join(': ');
  const all = [parts, squidError].filter((part) => part !== undefined && part !== '');
  return all.length === 0 ? undefined : all.join(', ');
}
