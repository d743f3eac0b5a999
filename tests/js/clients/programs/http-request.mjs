import { get } from './get.mjs';

for (const url of process.argv.slice(2)) console.log(await get(url));
