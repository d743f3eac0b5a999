/** A secret, as bytes, in whatever may be printed of it. */
export const writings = (bytes) => {
  // Base64 of something in the middle of something else: its inner characters, at each of three alignments.
  const base64 = [0, 1, 2].map((at) => {
    const text = Buffer.concat([Buffer.alloc(at), bytes, Buffer.alloc(3)]).toString('base64');
    return text.slice(Math.ceil((at * 8) / 6), Math.floor(((at + bytes.length) * 8) / 6));
  });
  const hex = bytes.toString('hex');
  const spaced = hex.match(/../g).join(' ');
  return [bytes.toString('latin1'), hex, hex.toUpperCase(), spaced, ...base64];
};
