/** Reads command lines of sh, PowerShell and cmd, as far as the pages use them. */

/** Returns the simple commands of a text, each as its words. `;`, `|`, `&&`, `$(` and the end of a line separate commands. */
export function simpleCommands(text, shell = 'sh') {
  const commands = [];
  let words = [];
  let word;
  const endWord = () => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = () => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    const quote = char === '"' || (char === "'" && shell !== 'cmd');
    if (quote) {
      const end = text.indexOf(char, at + 1);
      if (end < 0) throw new Error(`no closing ${char} in ${text}`);
      const inner = text.slice(at + 1, end);
      for (const [, command] of inner.matchAll(/\$\(([^)]*)\)/g)) commands.push(...simpleCommands(command, shell));
      word = (word ?? '') + inner;
      at = end;
    } else if (char === '#' && word === undefined && shell !== 'cmd') {
      at = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at) - 1;
    } else if (char === '\\' && text[at + 1] === '\n') {
      endWord();
      at += 1;
    } else if (char === '>' || (char === '2' && text[at + 1] === '>')) {
      endWord();
      at = /^\d?>+(?:&\d|\s*\S*)/.exec(text.slice(at))[0].length + at - 1;
    } else if ('\n;|&()'.includes(char)) endCommand();
    else if (/\s/.test(char)) endWord();
    else word = (word ?? '') + char;
  }
  endCommand();
  return commands;
}

/** The arguments of `ntlm-wasm` in a simple command, or `undefined` if it calls something else. */
export function argumentsOfNtlmWasm(words) {
  const at = words.findIndex((word) => /^(?:ntlm-wasm|ntlm-wasm\.cjs)$/.test(word));
  const before = words.slice(0, Math.max(at, 0));
  const isStarter = (word) => /^(?:npx|node|ProxyCommand|sudo|-E|--yes|[A-Z_]+=.*)$/.test(word);
  return at >= 0 && before.every(isStarter) ? words.slice(at + 1) : undefined;
}
