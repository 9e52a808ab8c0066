// Is called over HTTP, and prints its port, then each call in a line of JSON. A process of its own: tests run scripts and
// wait for them. An address with `/status/503` in it answers that.
const { createServer } = require('node:http');

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url, headers } = request;
  process.stdout.write(`${JSON.stringify({ method, url, headers, body: String(Buffer.concat(chunks)) })}\n`);
  response.writeHead(Number(/\/status\/(\d+)/.exec(url)?.[1] ?? 200)).end();
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
