import http from 'node:http';
import https from 'node:https';

/** The status of a page, fetched with Node's own client. */
export function get(url, options = {}) {
  const client = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    client
      .get(url, options, (response) => response.resume().on('end', () => resolve(response.statusCode)))
      .on('error', reject);
  });
}
