// What the addon says about the proxies of each URL.

const { readFileSync } = require('fs');

const { addonFile, urls } = JSON.parse(readFileSync(0, 'utf8'));
const { proxyFor } = require(addonFile);

async function main() {
  const answers = [];
  for (const url of urls) answers.push(await proxyFor(url).catch(({ code, message }) => ({ code, message })));
  console.log(JSON.stringify(answers));
}

main();
