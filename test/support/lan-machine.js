// A machine of a test's network. Listens on ports and answers with the address that is asking. Asks others itself: a line
// of its input is JSON with id, host, port, from and milliseconds, the line of output for it has id and what was answered.
//
// Arguments: the ports

const net = require('node:net');
const { createInterface } = require('node:readline');

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

function answer(socket) {
  socket.on('error', () => {});
  socket.end(socket.remoteAddress.replace(/^::ffff:/, ''));
}

function ask({ id, host, port, from, milliseconds }) {
  let text = '';
  const socket = net.connect({ host, port, localAddress: from });
  const timer = setTimeout(() => socket.destroy(), milliseconds);
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearTimeout(timer);
    say({ id, text });
  });
}

const ports = process.argv.slice(2).map(Number);
const listening = ports.map(
  (port) => new Promise((resolve) => net.createServer(answer).listen({ port, host: '::' }, resolve)),
);
Promise.all(listening).then(() => {
  createInterface({ input: process.stdin }).on('line', (line) => ask(JSON.parse(line)));
  say({ id: 0, text: 'listening' });
});
