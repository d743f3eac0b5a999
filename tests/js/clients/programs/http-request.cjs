const http = require('node:http');
const https = require('node:https');

const [plain, secure] = process.argv.slice(2);
const show = (next) => (response) => response.resume().on('end', () => next(console.log(response.statusCode)));
http.get(
  plain,
  show(() =>
    https.get(
      secure,
      show(() => {}),
    ),
  ),
);
