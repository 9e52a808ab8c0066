// Keeps states for Terraform's backend `http`, each with its lock, and prints its port. A process of its own: tests run
// Terraform and wait for it.
const { createServer } = require('node:http');

const states = new Map();
const locks = new Map();

const body = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const server = createServer(async (request, response) => {
  const answer = (status, text = '') => response.writeHead(status).end(text);
  const { pathname } = new URL(request.url, 'http://localhost');
  const sent = await body(request);
  const holder = locks.get(pathname);
  switch (request.method) {
    case 'GET':
      return states.has(pathname) ? answer(200, states.get(pathname)) : answer(404);
    case 'POST':
      states.set(pathname, sent);
      return answer(200);
    case 'DELETE':
      states.delete(pathname);
      return answer(200);
    case 'LOCK':
      if (holder) return answer(423, holder);
      locks.set(pathname, sent);
      return answer(200);
    case 'UNLOCK':
      locks.delete(pathname);
      return answer(200);
    default:
      return answer(405);
  }
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
