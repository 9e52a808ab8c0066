// What hosts want of the internet, behind a proxy: releases of k3s at github.com, and one image at docker.io. Whatever
// else they ask for is refused. Prints a line for each request: name of the server, path.
// Arguments: address and port of the proxy, folder with tls.key, tls.crt, releases/VERSION/FILE and image/FILE
const { createReadStream, existsSync, readFileSync, statSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { join, normalize } = require('node:path');

const [address, port, folder] = process.argv.slice(2);

/** Files by what is asked of which server. */
const servers = {
  'github.com': (path) => {
    const [, rest] = /^\/k3s-io\/k3s\/releases\/download\/(.+)$/.exec(path) ?? [];
    return rest && { file: join('releases', rest), type: 'application/octet-stream' };
  },
  // The protocol of registries: an answer at /v2/ says that no login is needed.
  'registry-1.docker.io': (path) => {
    if (path === '/v2/') return { file: join('image', 'api'), type: 'application/json' };
    const [, kind, name] = /^\/v2\/library\/postgres\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
    if (kind === undefined) return undefined;
    const type = kind === 'blobs' ? 'application/octet-stream' : 'application/vnd.oci.image.manifest.v1+json';
    return { file: join('image', name === '17' ? 'manifest' : name), type };
  },
};

const site = https.createServer(
  { key: readFileSync(join(folder, 'tls.key')), cert: readFileSync(join(folder, 'tls.crt')) },
  (request, response) => {
    const name = request.headers.host ?? '';
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', `https://${name}`).pathname));
    console.log(`${name} ${path}`);
    const { file, type } = servers[name]?.(path) ?? {};
    if (file === undefined || !existsSync(join(folder, file))) return response.writeHead(404).end();
    const { size } = statSync(join(folder, file));
    response.writeHead(200, { 'content-type': type, 'content-length': size });
    if (request.method === 'HEAD') return response.end();
    return createReadStream(join(folder, file)).pipe(response);
  },
);

http
  .createServer((_, response) => response.writeHead(403).end())
  .on('connect', (request, socket) => {
    const [name = ''] = request.url.split(':');
    socket.on('error', () => {});
    if (!servers[name]) return socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    return site.emit('connection', socket);
  })
  .listen(Number(port), address, () => console.log('listens'));
