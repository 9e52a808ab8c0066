// Answers every POST and prints a line for each, as JSON: when it came, in milliseconds since 1970, its path and its body.
// Arguments: address, port
const http = require('node:http');

const [host, port] = process.argv.slice(2);

http
  .createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      console.log(JSON.stringify({ at: Date.now(), path: request.url, body }));
      response.end();
    });
  })
  .listen(Number(port), host);
