import { createHash } from 'node:crypto';
import { arch } from 'node:os';
import { envFile } from '../../src/hosts/env-file';
import { releasePage } from '../../src/model/artifacts';
import script from '../../src/roles/k3s/k3s-binary.sh';
import { HostSandbox } from '../support/host-sandbox';
import { scriptText } from '../support/host-scripts';
import { testInSandbox } from '../support/test-in-sandbox';

const version = 'v1.36.2+k3s1';
const target = `/usr/local/bin/k3s-${version}`;
const own = arch() === 'arm64' ? 'arm64' : 'amd64';
const other = own === 'arm64' ? 'amd64' : 'arm64';
const name = own === 'arm64' ? 'k3s-arm64' : 'k3s';
const binary = `#!/bin/sh\necho "k3s version ${version} (abcdef)"\n`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const files = {
  'run.sh': script.text,
};

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.write(
    '/release/checksums',
    `${sha256(binary)}  ${name}\n${sha256('images')}  k3s-airgap-images-${own}.tar.zst\n`,
  );
  host.write('/release/binary', binary);
  // Answers as the release does; the last argument is the address, the one after --output the file.
  host.stub(
    'curl',
    `echo "proxy=$https_proxy" >>"$STUB/calls.log"
while [[ $1 != --output ]]; do shift; done
case $3 in *sha256sum*) cp ${host.path('/release/checksums')} "$2" ;; *) cp ${host.path('/release/binary')} "$2" ;; esac`,
  );
});
afterEach(() => host.remove());

function run(env: Record<string, string> = {}, upload?: string) {
  const step = { HOST: 'server1', VERSION: version, RELEASE: releasePage(version), ...env };
  return host.run({ ...files, 'step.env': envFile(step) }, upload);
}

function artifacts(files: Record<string, string>): string {
  for (const [file, content] of Object.entries(files)) host.write(`/upload/${file}`, content);
  return host.path('/upload');
}

testInSandbox('the release is downloaded over https through the proxy, verified and put in place', () => {
  expect(run({ https_proxy: 'http://proxy:3128' })).toMatchObject({ status: 0 });
  const calls = host.calls();
  expect(calls[0]).toContain('--proto =https --tlsv1.2');
  expect(calls[1]).toBe('proxy=http://proxy:3128');
  expect(calls.filter((call) => call.startsWith('curl')).map((call) => call.split(' ').at(-1))).toEqual([
    `https://github.com/k3s-io/k3s/releases/download/v1.36.2%2Bk3s1/sha256sum-${own}.txt`,
    `https://github.com/k3s-io/k3s/releases/download/v1.36.2%2Bk3s1/${name}`,
  ]);
  expect(host.read(target)).toBe(binary);
  expect(host.mode(target)).toBe('755');
});

testInSandbox('a host that has the binary needs no network', () => {
  run();
  host.calls();
  expect(run()).toEqual({ status: 0, output: '' });
  expect(host.calls()).toEqual([]);
});

testInSandbox('a damaged binary is replaced', () => {
  run();
  host.write(target, 'damaged', 0o755);
  expect(run()).toMatchObject({ status: 0 });
  expect(host.read(target)).toBe(binary);
});

testInSandbox('a binary with another checksum is not installed', () => {
  host.write('/release/binary', `${binary}# changed on the way\n`);
  const { status, output } = run();
  expect(status).toBe(1);
  expect(output).toContain('error: server1: the k3s binary does not have the sha256');
  expect(host.has(target)).toBe(false);
});

const ownSha256 = `SHA256_${own.toUpperCase()}`;
const otherSha256 = `SHA256_${other.toUpperCase()}`;

testInSandbox("a checksum of cluster.yaml is asked for instead of the release's", () => {
  // Whoever can change the binary there can change the file beside it.
  const changed = `${binary}# changed at its source\n`;
  host.write('/release/binary', changed);
  host.write('/release/checksums', `${sha256(changed)}  ${name}\n`);
  const { status, output } = run({ [ownSha256]: sha256(binary), [otherSha256]: '' });
  expect(status).toBe(1);
  expect(output).toContain(
    `has the sha256 ${sha256(changed)}, and 'k3s.sha256' in cluster.yaml says ${sha256(binary)}`,
  );
  expect(host.has(target)).toBe(false);
  host.write('/release/binary', binary);
  host.calls();
  expect(run({ [ownSha256]: sha256(binary) })).toMatchObject({ status: 0 });
  expect(host.calls().filter((call) => call.includes('sha256sum-'))).toEqual([]);
  expect(host.read(target)).toBe(binary);
});

testInSandbox('a binary that was installed before is held to the checksum of cluster.yaml too', () => {
  run();
  const { status, output } = run({ [ownSha256]: sha256('another') });
  expect(status).toBe(1);
  expect(output).toContain(`says ${sha256('another')}`);
});

testInSandbox(
  'uploaded artifacts are held to the checksum of cluster.yaml, whatever their own file says',
  () => {
    const changed = `${binary}# changed\n`;
    const upload = artifacts({ [name]: changed, [`sha256sum-${own}.txt`]: `${sha256(changed)}  ${name}\n` });
    const { status, output } = run({ ARCH: own, [ownSha256]: sha256(binary) }, upload);
    expect(status).toBe(1);
    expect(output).toContain(`says ${sha256(binary)}`);
    expect(host.has(target)).toBe(false);
  },
);

testInSandbox('checksums for other architectures alone are refused', () => {
  const { status, output } = run({ [ownSha256]: '', [otherSha256]: sha256(binary) });
  expect(status).toBe(1);
  expect(output).toContain(`this host is ${own}, for which 'k3s.sha256' in cluster.yaml has no checksum`);
});

testInSandbox('a failed download names the host, the release and what to do', () => {
  host.stub('curl', 'echo "curl: (6) Could not resolve host: github.com" >&2; exit 6');
  const { status, output } = run();
  expect(status).toBe(1);
  expect(output).toContain('Could not resolve host');
  expect(output).toContain('error: server1: the checksums of k3s v1.36.2+k3s1 cannot be downloaded');
  expect(output).toContain("set 'proxy', or use 'k3s.artifacts'");
});

testInSandbox('uploaded artifacts are used instead of a download, images included', () => {
  const upload = artifacts({
    [name]: binary,
    [`sha256sum-${own}.txt`]: host.read('/release/checksums'),
    [`k3s-airgap-images-${own}.tar.zst`]: 'images',
  });
  expect(run({ ARCH: own }, upload)).toMatchObject({ status: 0 });
  expect(host.read(target)).toBe(binary);
  expect(host.read(`/var/lib/rancher/k3s/agent/images/k3s-airgap-images-${own}.tar.zst`)).toBe('images');
  expect(host.calls()).toEqual([]);
});

testInSandbox("archives of the user's own images go to k3s, held to the list beside them", () => {
  const release = { [name]: binary, [`sha256sum-${own}.txt`]: host.read('/release/checksums') };
  const listed = `${sha256('mine')}  mine.tar\n`;
  const images = '/var/lib/rancher/k3s/agent/images';
  const upload = artifacts({ ...release, 'images/mine.tar': 'mine', 'images/sha256sum.txt': listed });
  expect(run({ ARCH: own }, upload)).toMatchObject({ status: 0 });
  expect(host.read(`${images}/mine.tar`)).toBe('mine');
  artifacts({ ...release, 'images/other.tar': 'not listed' });
  expect(run({ ARCH: own }, upload)).toMatchObject({
    status: 1,
    output: expect.stringContaining(
      `'${own}/images/sha256sum.txt' of the artifacts does not name 'other.tar'`,
    ),
  });
  artifacts({ ...release, 'images/mine.tar': 'changed' });
  expect(run({ ARCH: own }, upload)).toMatchObject({
    status: 1,
    output: expect.stringContaining(`an image archive differs from '${own}/images/sha256sum.txt'`),
  });
  expect(host.has(`${images}/other.tar`)).toBe(false);
});

testInSandbox('a release is unpacked ahead of its first start, unless another one runs', () => {
  const noting = `${binary}[ "$1" = --version ] || echo "k3s $*" >>"$STUB/calls.log"\n`;
  const upload = () =>
    artifacts({ [name]: noting, [`sha256sum-${own}.txt`]: `${sha256(noting)}  ${name}\n` });
  expect(run({ ARCH: own }, upload())).toMatchObject({ status: 0 });
  expect(host.calls()).toEqual(['k3s kubectl version --client']);
  host.write('/var/lib/rancher/k3s/data/current/bin/k3s', '');
  expect(run({ ARCH: own }, upload())).toMatchObject({ status: 0 });
  expect(host.calls()).toEqual([]);
});

testInSandbox('damaged images are refused', () => {
  const upload = artifacts({
    [name]: binary,
    [`sha256sum-${own}.txt`]: host.read('/release/checksums'),
    [`k3s-airgap-images-${own}.tar.zst`]: 'half of the im',
  });
  const { status, output } = run({ ARCH: own }, upload);
  expect(status).toBe(1);
  expect(output).toContain(
    `'${own}/k3s-airgap-images-${own}.tar.zst' in the artifacts does not have the sha256`,
  );
});

testInSandbox('artifacts of another architecture are refused with the setting to change', () => {
  const { status, output } = run({ ARCH: other }, artifacts({}));
  expect(status).toBe(1);
  expect(output).toContain(`this host is ${own}, and got the files for ${other}: set 'arch: ${own}'`);
});

testInSandbox('the binary of another version is refused', () => {
  const wrong = binary.replace(version, 'v1.35.0+k3s1');
  const upload = artifacts({ [name]: wrong, [`sha256sum-${own}.txt`]: `${sha256(wrong)}  ${name}\n` });
  const { status, output } = run({ ARCH: own }, upload);
  expect(status).toBe(1);
  expect(output).toContain("the k3s binary is version 'v1.35.0+k3s1', not v1.36.2+k3s1");
});

testInSandbox('under SELinux the binary gets the label that lets it run containers', () => {
  host.stub('chcon');
  // Asked by its full path, which a machine without SELinux does not have.
  const onSelinux = scriptText('lib.sh').replaceAll('/usr/sbin/selinuxenabled', '/usr/bin/true');
  const step = envFile({ HOST: 'server1', VERSION: version, RELEASE: releasePage(version) });
  expect(host.run({ ...files, 'lib.sh': onSelinux, 'step.env': step })).toMatchObject({ status: 0 });
  expect(host.calls().filter((call) => call.startsWith('chcon'))).toEqual([
    `chcon -u system_u -r object_r -t container_runtime_exec_t ${target}.part`,
  ]);
});
