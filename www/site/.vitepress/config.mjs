/** The documentation as a static site: the package's Markdown, with links checked and search without a server. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const documents = new URL('../../../pkg-template/docs/', import.meta.url);

/** The sidebar is the index: its headings, and the pages linked below each. */
const sections = readFileSync(new URL('index.md', documents), 'utf8').split(/^## /m).slice(1);
const sidebar = sections.map((section) => ({
  text: section.split('\n', 1)[0],
  items: [...section.matchAll(/\[([^\]]+)\]\(([\w-]+)\.md\)/g)].map(([, text, name]) => ({ text, link: `/${name}` })),
}));

export default defineConfig({
  title: 'ntlm-wasm',
  description: 'NTLM and Negotiate authentication for JavaScript',
  srcDir: '../../pkg-template/docs',
  outDir: '../dist/docs',
  cacheDir: '../../target/site',
  base: './',
  relativeBase: true,
  lastUpdated: false,
  // The pages are outside the folder with node_modules.
  vite: {
    resolve: {
      alias: ['vue/server-renderer', 'vue'].map((find) => ({
        find: new RegExp(`^${find}$`),
        replacement: fileURLToPath(import.meta.resolve(find)),
      })),
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    nav: [{ text: 'Playground', link: '../index.html', target: '_self' }],
    sidebar,
  },
});
