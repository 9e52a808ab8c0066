// Asks for /readyz every 50 ms, each time over a connection of its own, and prints a line for each answer or failure:
// when it was asked, in milliseconds since 1970, and the status, 0 for none within a second.
// Arguments: address, port
const https = require('node:https');

const [host, port] = process.argv.slice(2);
const [interval, patience] = [50, 1000];

setInterval(() => {
  const asked = Date.now();
  let told = false;
  const tell = (status) => {
    if (!told) console.log(`${asked} ${status}`);
    told = true;
  };
  // Whether it answers is asked here, not who: the authority is made by what is waited for.
  const request = https.get({ host, port, path: '/readyz', agent: false, rejectUnauthorized: false });
  const late = setTimeout(() => request.destroy(new Error('late')), patience);
  request.on('response', (response) => {
    response.resume().on('end', () => tell(response.statusCode));
  });
  request.on('error', () => tell(0));
  request.on('close', () => {
    clearTimeout(late);
    tell(0);
  });
}, interval);
