// Holds connections to the API open, and opens one again when it was lost. Prints a line for each that was lost: when, in
// milliseconds since 1970, and its number. With a client certificate each is a watch; without one it asks for /readyz
// twice a second over the same connection.
// Arguments: address, port, how many; folder with client.crt and client.key (optional)
const { readFileSync } = require('node:fs');
const https = require('node:https');

const [host, port, count, folder] = process.argv.slice(2);
const watch = '/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=3600';
const identity = folder && {
  cert: readFileSync(`${folder}/client.crt`),
  key: readFileSync(`${folder}/client.key`),
};

function hold(number) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  let held = false;
  let known;
  let ended = false;
  const lost = () => {
    if (ended) return;
    ended = true;
    if (held) console.log(`${Date.now()} ${number}`);
    agent.destroy();
    setTimeout(hold, 50, number);
  };
  const ask = () => {
    const path = identity ? watch : '/readyz';
    // Whether it stays is asked here, not who it is.
    const request = https.get({ host, port, path, agent, rejectUnauthorized: false, ...identity });
    request.on('error', lost);
    request.on('socket', (socket) => {
      if (socket !== known) socket.once('close', lost);
      known = socket;
    });
    request.on('response', (response) => {
      if (response.statusCode !== 200) return lost();
      held = true;
      response.resume();
      response.on('end', () => (identity ? lost() : setTimeout(() => ended || ask(), 500)));
    });
  };
  ask();
}

for (let number = 0; number < Number(count); number += 1) hold(number);
