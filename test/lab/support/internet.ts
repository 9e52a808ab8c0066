import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { issueAuthority, issueLeaf } from '../../../src/pki/issue';
import { newPrivateKey } from '../../../src/pki/key';
import { command } from '../command';
import { postgresImage } from '../images/postgres-image';
import type { Lab } from '../lab';
import type { LabHost } from '../lab-host';
import { waitFor } from '../wait';

const port = 3128;

export interface InternetProps {
  /** Folder for its files; is made. */
  readonly folder: string;
  /** The operator's address in the lab. */
  readonly address: string;
  /** Folder with the files of a release of k3s. */
  readonly release: string;
  /** `vX.Y.Z+k3sN` of that release. */
  readonly version: string;
}

/**
 * The part of the internet that hosts need when nothing is brought along: a proxy on the operator's side of a lab, and
 * behind it a release of k3s and the database's image, over HTTPS in the names of the real servers. There is no other
 * way to these names.
 */
export class Internet {
  /** For cluster.yaml. */
  readonly proxy: string;
  private said = '';

  private constructor(
    private readonly props: InternetProps,
    private readonly authority: string,
    private readonly child: ChildProcess,
  ) {
    this.proxy = `http://${props.address}:${port}`;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
  }

  static async up(lab: Lab, props: InternetProps): Promise<Internet> {
    const { folder, address, release, version } = props;
    mkdirSync(join(folder, 'releases'), { recursive: true });
    const authority = await certificates(folder);
    await command('cp', ['-r', release, join(folder, 'releases', version)]);
    await imageFiles(join(folder, 'image'));
    const server = [process.execPath, join(__dirname, 'internet-server.js'), address, String(port), folder];
    const child = spawn('ip', ['netns', 'exec', lab.namespace, ...server], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const internet = new Internet(props, authority, child);
    await waitFor('the proxy listens', () => internet.said.startsWith('listens'));
    return internet;
  }

  /** Makes a host trust the servers' certificates, as it trusts those of the real ones. */
  async makeTrustedBy(host: LabHost): Promise<void> {
    const trust = 'cat >/usr/local/share/ca-certificates/lab.crt && update-ca-certificates 2>&1';
    await host.exec(trust, { input: this.authority });
  }

  /** What was asked for, as `github.com /path`. */
  get requests(): string[] {
    return this.said.split('\n').filter((line) => line.includes(' '));
  }

  /** Adds a byte to a file of the release; returns what takes it away again. */
  spoil(name: string): () => void {
    const file = join(this.props.folder, 'releases', this.props.version, name);
    const { size } = statSync(file);
    appendFileSync(file, 'x');
    return () => truncateSync(file, size);
  }

  down(): void {
    this.child.kill();
  }
}

/** An authority, which is returned, and a certificate of its for the servers' names. */
async function certificates(folder: string): Promise<string> {
  const [authorityKey, key, now] = [newPrivateKey(), newPrivateKey(), new Date()];
  const authority = { certificate: await issueAuthority('lab', authorityKey, now), key: authorityKey };
  const dnsNames = ['github.com', 'registry-1.docker.io'];
  const request = { commonName: 'internet', usage: 'server' as const, ipAddresses: [], dnsNames };
  writeFileSync(join(folder, 'tls.crt'), await issueLeaf(request, key, authority, now));
  writeFileSync(join(folder, 'tls.key'), key);
  return authority.certificate;
}

/** The database's image as a registry has it: blobs by digest, and the manifest that names them. */
async function imageFiles(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await command('tar', ['-C', folder, '-xf', await postgresImage()]);
  const [archive] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const config = readFileSync(join(folder, archive.Config));
  const [layer] = JSON.parse(config.toString()).rootfs.diff_ids;
  const configDigest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  const blob = (name: string, digest: string, mediaType: string) => {
    renameSync(join(folder, name), join(folder, digest));
    return { mediaType, digest, size: statSync(join(folder, digest)).size };
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: blob(archive.Config, configDigest, 'application/vnd.oci.image.config.v1+json'),
    layers: [blob(archive.Layers[0], layer, 'application/vnd.oci.image.layer.v1.tar')],
  };
  writeFileSync(join(folder, 'manifest'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'api'), '{}');
}
