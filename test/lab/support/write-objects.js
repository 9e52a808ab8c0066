// Makes a ConfigMap every 100 ms and prints a line for each that was acknowledged: its number and when, in milliseconds
// since 1970. Each request may take five seconds; those that fail are not tried again. Input, as JSON in a file: address,
// port, ca, certificate and key. Arguments: the file, first number.
const { readFileSync } = require('node:fs');
const https = require('node:https');

const [file, first] = process.argv.slice(2);
const { address: host, port, ca, certificate: cert, key } = JSON.parse(readFileSync(file, 'utf8'));
const [interval, patience, together] = [100, 5000, 30];
let [number, open] = [Number(first), 0];

setInterval(() => {
  if (open >= together) return;
  open += 1;
  const mine = number++;
  const body = JSON.stringify({ metadata: { name: `lab-${mine}` } });
  const request = https.request({
    ...{ host, port, ca, cert, key, method: 'POST', path: '/api/v1/namespaces/default/configmaps' },
    ...{ agent: false, headers: { 'content-type': 'application/json', 'content-length': body.length } },
  });
  const late = setTimeout(() => request.destroy(new Error('late')), patience);
  request.on('response', (response) => {
    response.resume().on('end', () => {
      if (response.statusCode === 201) console.log(`${mine} ${Date.now()}`);
    });
  });
  request.on('error', () => {});
  request.on('close', () => {
    clearTimeout(late);
    open -= 1;
  });
  request.end(body);
}, interval);
