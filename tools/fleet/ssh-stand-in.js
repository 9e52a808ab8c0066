// One SSH server for the hosts of a fleet, whatever address is connected to: takes what Terraform uploads, runs none of it,
// and answers each step after the time that the parent process has said for it. Agents take turns as on real hosts.
// Nothing is checked: any key may log in.
//
// From the parent: { hosts: { ADDRESS: { name, seconds: { STEP: s }, failing?: STEP } } } or { ask: 'ran' }.
// To the parent: { hostKeys: { ADDRESS: key } }, { ran: [{ host, step, seconds, lanes? }] }.
const { createServer } = require('node:net');
const { Server, utils } = require('ssh2');

/** By address. */
let hosts = {};
const servers = new Map();
const scripts = new Map();
let ran = [];

/** Names of agents that run pods, so that a restart has to wait for its turn. */
const joined = new Set();
let turns = 0;
const waiting = [];

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

function serverOf(address) {
  const known = servers.get(address);
  if (known) return known;
  const { private: key, public: hostKey } = hostKeyPair();
  const server = new Server({ hostKeys: [key] }, (client) => {
    client.on('authentication', (context) =>
      context.method === 'publickey' ? context.accept() : context.reject(['publickey']),
    );
    client.on('session', (accept) => {
      const session = accept();
      session.on('pty', (acceptPty) => acceptPty?.());
      session.on('exec', (acceptExec, _, { command }) => answer(address, command, acceptExec()));
    });
    // Terraform closes connections as it likes.
    client.on('error', () => {});
  });
  const made = { server, hostKey: hostKey.split(' ').slice(0, 2).join(' ') };
  servers.set(address, made);
  return made;
}

/** One in some hundred that the library generates is malformed. */
function hostKeyPair() {
  const pair = utils.generateKeyPairSync('ed25519');
  return utils.parseKey(pair.private) instanceof Error ? hostKeyPair() : pair;
}

async function answer(address, command, channel) {
  if (/^'?scp/.test(command))
    return receive(channel, (name, text) => scripts.set(`${address} ${name}`, text));
  // A script is uploaded, run, and then emptied.
  const script = scripts.get(`${address} ${/^\S*\/(\S+)\s*$/.exec(command)?.[1]}`);
  const status = script === undefined ? 0 : await run(hosts[address], script, channel);
  channel.exit(status);
  channel.end();
}

/** What a script is by what our stack writes into it; returns its exit status. */
async function run(host, script, channel) {
  if (!host) throw new Error('somebody connected to a host that is not in the fleet');
  const step = /bash \S+\/start\.sh ([a-z0-9-]+)/.exec(script)?.[1];
  if (step === undefined) return leave(host, script, channel);
  const lanes = /MAX_UNAVAILABLE '(\d+)'/.exec(script)?.[1];
  const turn = lanes !== undefined && joined.has(host.name);
  if (turn) await takeTurn(Number(lanes));
  const seconds = host.seconds[step] ?? 0;
  await sleep(seconds);
  if (turn) endTurn();
  ran.push({ host: host.name, step, seconds, ...(turn && { lanes: Number(lanes) }) });
  if (host.failing === step) {
    host.failing = undefined;
    channel.write(`error: ${host.name}: drawn to fail\n`);
    return 1;
  }
  if (step === 'k3s') joined.add(host.name);
  return 0;
}

/** What departing hosts are asked, and servers about them. */
async function leave(host, script, channel) {
  const [step, name] = script.includes('has left the cluster')
    ? ['leave', host.name]
    : ['remove-node', /\$script "([a-z0-9-]+)"/.exec(script)?.[1]];
  // The folder of a step is prepared.
  if (name === undefined) return 0;
  // Drained once; another server finds nothing to do.
  const seconds = step === 'leave' || joined.delete(name) ? (host.seconds[step] ?? 0) : 0;
  await sleep(seconds);
  ran.push({ host: name, step, seconds });
  if (step === 'leave') channel.write(`${name} has left the cluster\n`);
  return 0;
}

async function takeTurn(lanes) {
  while (turns >= lanes) await new Promise((done) => waiting.push(done));
  turns += 1;
}

function endTurn() {
  turns -= 1;
  waiting.shift()?.();
}

/** The receiving side of scp: `CMODE LENGTH NAME`, contents and a zero byte; folders are lines, too. */
function receive(channel, keep) {
  let [buffer, file] = [Buffer.alloc(0), undefined];
  const ready = () => channel.write(Buffer.from([0]));
  channel.on('data', (data) => {
    buffer = Buffer.concat([buffer, data]);
    for (;;) {
      if (file) {
        if (buffer.length <= file.length) return;
        keep(file.name, buffer.toString('utf8', 0, file.length));
        buffer = buffer.subarray(file.length + 1);
        file = undefined;
      } else {
        const end = buffer.indexOf('\n');
        if (end < 0) return;
        const [, length, name] = /^C\d+ (\d+) (.*)$/.exec(buffer.toString('utf8', 0, end)) ?? [];
        if (name !== undefined) file = { length: Number(length), name };
        buffer = buffer.subarray(end + 1);
      }
      ready();
    }
  });
  channel.on('end', () => {
    channel.exit(0);
    channel.end();
  });
  ready();
}

process.on('message', (message) => {
  if (message.ask === 'ran') {
    process.send({ ran });
    ran = [];
    return;
  }
  hosts = message.hosts;
  const keys = Object.keys(hosts).map((address) => [address, serverOf(address).hostKey]);
  process.send({ hostKeys: Object.fromEntries(keys) });
});
process.on('disconnect', () => process.exit());

createServer((socket) => {
  socket.on('error', () => {});
  serverOf(socket.localAddress).server.injectSocket(socket);
}).listen({ port: 22, host: '0.0.0.0', backlog: 4096 });
