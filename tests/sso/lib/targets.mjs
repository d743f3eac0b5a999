// Where a ticket leads to in the lab: through every kind of proxy, and to servers.

import { ca, lab } from '../../interop/lib/lab.mjs';
import { behindProxy, byName } from './sso.mjs';

const { apache, epa } = lab.origins;
const base = { credentials: 'system', tls: { ca: ca.toString() } };
const through = (proxy) => ({ ...base, proxy: byName(proxy.url) });
export const directTo = (origin) => ({ ...base, proxy: 'direct', servers: [origin] });

/** The servers that want the handshake bound to their certificate, by its kind. */
export const bound = Object.fromEntries(Object.entries(epa.https).map(([name, url]) => [name, byName(url)]));
/** The page's name identifies these requests in the log. */
export const required = (page) => `/gssapi/require/negotiate/${page.name}?bytes=1024`;

/** The fewest targets that cover each way to authenticate; `page` comes from publishPage(). */
export const fewVisits = (page) => ({
  'Squid, Negotiate and NTLM': { url: behindProxy(page.http), options: through(lab.proxies.both) },
  "Squid's own Kerberos helper, tunnel": { url: behindProxy(page.https), options: through(lab.proxies.wrapper) },
  'Apache, Kerberos only': { url: `${byName(apache.http)}/krb/1k.bin`, options: directTo(byName(apache.http)) },
  'channel bindings required, ecdsa-sha384': {
    url: bound['ecdsa-sha384'] + required(page),
    options: directTo(bound['ecdsa-sha384']),
  },
});

export const allVisits = (page) => ({
  ...fewVisits(page),
  'Squid, Negotiate and NTLM, tunnel': { url: behindProxy(page.https), options: through(lab.proxies.both) },
  'Squid, Negotiate only': { url: behindProxy(page.http), options: through(lab.proxies.negotiate) },
  'Squid, Negotiate only, tunnel': { url: behindProxy(page.https), options: through(lab.proxies.negotiate) },
  "Squid's own Kerberos helper": { url: behindProxy(page.http), options: through(lab.proxies.wrapper) },
  'an https: proxy': { url: behindProxy(page.http), options: through(lab.proxies.tls) },
  'Apache, Kerberos and NTLM, TLS': {
    url: `${byName(apache.https)}/both/1k.bin`,
    options: directTo(byName(apache.https)),
  },
  ...Object.fromEntries(
    Object.entries(bound).map(([certificate, url]) => [
      `channel bindings required, ${certificate}`,
      { url: url + required(page), options: directTo(url) },
    ]),
  ),
});
