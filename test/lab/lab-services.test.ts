import { postgresImage } from './images/postgres-image';
import { Lab } from './lab';
import { leftovers } from './leftovers';
import { connects } from './support/connects';
import { waitFor } from './wait';

const name = `test-services-${process.pid}`;
const vip = '10.76.0.5';
let image: string;
let lab: Lab;

beforeAll(async () => {
  image = await postgresImage();
  lab = await Lab.up({
    name,
    hosts: [1, 2, 3].map((n) => ({ name: `node${n}`, addresses: [`10.76.0.1${n}/24`] })),
    reserved: [vip],
  });
});

afterAll(async () => {
  await lab?.down();
  expect(leftovers(name)).toEqual([]);
});

/** Installs packages on a host, out of the repository inside. */
async function install(host: string, ...packages: string[]): Promise<void> {
  const apt = 'sudo DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0';
  await lab.ssh(host, `${apt} update && ${apt} -y install ${packages.join(' ')}`);
}

test('Postgres runs in a rootless container of a user quadlet, and is back after power loss', async () => {
  const host = lab.host('node1');
  await install('node1', 'podman', 'uidmap', 'passt', 'dbus-user-session');
  await lab.run('scp', ['-qF', lab.sshConfig, image, 'node1:/tmp/postgres.tar']);
  const unit = `[Container]
Image=docker.io/library/postgres:17
Pull=never
UserNS=keep-id:uid=999,gid=999
Volume=/srv/postgres:/var/lib/postgresql/data
Environment=POSTGRES_USER=k3s POSTGRES_HOST_AUTH_METHOD=trust
PublishPort=5432:5432
[Install]
WantedBy=default.target
`;
  await host.exec(
    `set -e
    useradd --create-home db
    loginctl enable-linger db
    # A user's units wait for this, and nothing else on a bare host asks for it.
    systemctl add-wants multi-user.target network-online.target
    systemctl start network-online.target
    install -d -o db -g db /srv/postgres /home/db/.config{,/containers{,/systemd}}
    cat >/home/db/.config/containers/systemd/postgres.container`,
    { input: unit },
  );
  const asDatabaseUser = (script: string) =>
    lab.ssh('node1', `cd / && sudo systemd-run --quiet --pipe --wait --machine db@ --user ${script}`);
  await asDatabaseUser('podman load --quiet --input /tmp/postgres.tar');
  await asDatabaseUser('systemctl --user daemon-reload');
  await asDatabaseUser('systemctl --user start postgres');
  await waitFor('Postgres answers', () => connects(lab, host.address, 5432));
  const query =
    "podman exec systemd-postgres psql -U k3s -tc 'create table if not exists boots (at timestamptz default now()); insert into boots default values; select count(*) from boots'";
  await waitFor(
    'Postgres takes a query',
    async () => (await asDatabaseUser(query).catch(() => undefined)) !== undefined,
  );

  await host.powerOff();
  await host.boot();
  await waitFor('Postgres answers after power loss', () => connects(lab, host.address, 5432));
  await waitFor('the first row is still there', async () =>
    /\s[2-9]\s/.test((await asDatabaseUser(query).catch(() => undefined))?.stdout ?? ''),
  );
});

test('a virtual IP moves when its holder loses power', async () => {
  await Promise.all(
    ['node2', 'node3'].map(async (host, index) => {
      await install(host, 'keepalived');
      const peer = lab.host(host === 'node2' ? 'node3' : 'node2').address;
      const configuration = `vrrp_instance api {
  state BACKUP
  interface eth0
  virtual_router_id 5
  priority ${100 - index}
  advert_int 1
  unicast_peer { ${peer} }
  virtual_ipaddress { ${vip}/32 }
}
`;
      await lab.ssh(host, 'sudo tee /etc/keepalived/keepalived.conf && sudo systemctl restart keepalived', {
        input: configuration,
      });
    }),
  );
  const holds = async (host: string) =>
    (await lab.host(host).exec('ip -br address show eth0')).stdout.includes(`${vip}/32`);
  await waitFor('node2 takes the virtual IP', () => holds('node2'));
  expect(await connects(lab, vip, 22)).toBe(true);

  await lab.host('node2').powerOff();
  await waitFor('node3 takes the virtual IP', () => holds('node3'), { timeout: 10_000 });
  await waitFor('the operator reaches it', () => connects(lab, vip, 22), { timeout: 5_000 });
  await lab.host('node2').boot();
  await waitFor('node2 takes it back', () => holds('node2'), { timeout: 10_000 });
});

test.each([
  {
    firewall: 'nftables',
    name: 'node1',
    rules: `nft add table inet lab
      nft add chain inet lab input '{ type filter hook input priority 0; }'
      nft add rule inet lab input tcp dport 9 reject`,
    // Nobody saved them.
    afterReboot: 'open',
  },
  {
    firewall: 'ufw',
    name: 'node2',
    rules: 'ufw default allow; ufw deny 9/tcp; ufw --force enable',
    afterReboot: 'filtered',
  },
  { firewall: 'firewalld', name: 'node3', rules: 'firewall-cmd --state', afterReboot: 'filtered' },
])('$firewall filters what comes in, and is $afterReboot after a reboot', async (example) => {
  const host = lab.host(example.name);
  const state = async () => ((await connects(lab, host.address, 9)) ? 'open' : 'filtered');
  const listen = () => host.exec('systemd-run --unit discard socat TCP-LISTEN:9,fork,reuseaddr /dev/null');
  await install(example.name, 'socat', example.firewall);
  await listen();
  await host.exec(`set -e; ${example.rules}`);
  expect(await state()).toBe('filtered');
  expect(await connects(lab, host.address, 22)).toBe(true);

  await host.reboot();
  await listen();
  await waitFor(`the port is ${example.afterReboot}`, async () => (await state()) === example.afterReboot);
  expect(await connects(lab, host.address, 22)).toBe(true);
});
