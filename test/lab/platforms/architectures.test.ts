import { Lab } from '../lab';
import { leftovers } from '../leftovers';
import { isLong, testLong } from '../support/long';
import { report } from '../support/report';

const name = `test-architectures-${process.pid}`;
let lab: Lab;

beforeAll(async () => {
  if (!isLong) return;
  lab = await Lab.up({
    name,
    kind: 'vm',
    hosts: [
      { name: 'intel', addresses: ['10.84.0.11/24'], arch: 'amd64', memory: 1024 },
      { name: 'arm', addresses: ['10.84.0.12/24'], arch: 'arm64', memory: 1024 },
    ],
  });
  for (const host of lab.hosts)
    report(`${host.name}: SSH answers after ${host.processorTime().toFixed(0)} s of processor time`);
});

afterAll(async () => {
  await lab?.down();
  expect(leftovers(name)).toEqual([]);
});

testLong('hosts of two architectures are in one network, and install packages of their own', async () => {
  const script = `sudo apt-get -qq update && sudo apt-get -qq -y install jq >/dev/null
    uname -m; dpkg --print-architecture; jq -n 1; ping -qc 1 -W 60 "$OTHER" >/dev/null && echo reached`;
  const said = async (host: string, other: string) =>
    (await lab.ssh(host, `OTHER=${other}; ${script}`)).stdout.trim().split('\n');
  expect(await said('intel', 'arm')).toEqual(['x86_64', 'amd64', '1', 'reached']);
  expect(await said('arm', 'intel')).toEqual(['aarch64', 'arm64', '1', 'reached']);
});

testLong('an arm64 host reboots by itself, and loses power', async () => {
  const host = lab.host('arm');
  await host.reboot();
  await host.exec('echo kept >/root/kept; sync');
  await host.powerOff();
  await host.boot();
  expect((await host.exec('cat /root/kept; journalctl --list-boots --quiet | wc -l')).stdout).toBe(
    'kept\n3\n',
  );
});
