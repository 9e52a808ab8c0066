import type { Lab } from '../lab';
import { connects } from './connects';

/** The pod listens there; people of the network are led to it from `published`, as kube-proxy leads them. */
const [port, published] = [8000, 30080];

/** A namespace behind the bridge of pods of a host, which may have no kubelet to make one. */
const begin = `
ip link add cni0 type bridge; ip link set cni0 up; ip address add 10.42.9.1/24 dev cni0
ip netns add lab-pod
ip link add lab-pod type veth peer name eth0 netns /run/netns/lab-pod; ip link set lab-pod master cni0 up
in_pod() { nsenter --net=/run/netns/lab-pod "$@"; }
in_pod ip link set lo up; in_pod ip link set eth0 up
in_pod ip address add 10.42.9.2/24 dev eth0; in_pod ip route add default via 10.42.9.1
in_pod setsid python3 -m http.server ${port} >/dev/null 2>&1 </dev/null &
nft -f - <<'EOF'
table ip lab-pod {
  chain to-pod {
    type nat hook prerouting priority dstnat;
    fib daddr type local tcp dport ${published} dnat to 10.42.9.2:${port}
  }
}
EOF
for _ in {1..100}; do in_pod ss -Hltn | grep -q :${port} && break; sleep 0.1; done`;

// What has not ended keeps its namespace, and the link into it.
const end = `
ip netns pids lab-pod | xargs -r kill -KILL
nft delete table ip lab-pod; ip link delete lab-pod; ip netns delete lab-pod; ip link delete cni0`;

const ask = 'timeout 3 nsenter --net=/run/netns/lab-pod bash -c "</dev/tcp/$1/$2"';

/**
 * Which ways a pod on a host has through the host's firewall: `to the host`, to a port that is closed to the operator;
 * `out`, to SSH of another host; `in as published`, and `in directly`, which nobody should have.
 */
export async function waysOfPod(
  lab: Lab,
  name: string,
  closedPort: number,
  other: string,
): Promise<string[]> {
  const [host, outside] = [lab.host(name), lab.host(other)];
  const route = ['10.42.9.0/24', 'via', host.address];
  await host.exec(`set -e\n${begin}`);
  await outside.exec('ip route replace "$@"', { args: route });
  await lab.run('ip', ['route', 'replace', ...route]);
  try {
    const asks = async (address: string, to: number) =>
      (await host.exec(ask, { args: [address, String(to)], allowFailure: true })).status === 0;
    const ways: [string, boolean][] = [
      ['to the host', await asks('10.42.9.1', closedPort)],
      ['out', await asks(outside.address, 22)],
      ['in as published', await connects(lab, host.address, published)],
      ['in directly', await connects(lab, '10.42.9.2', port)],
    ];
    return ways.filter(([, isOpen]) => isOpen).map(([way]) => way);
  } finally {
    await lab.run('ip', ['route', 'delete', ...route]);
    await outside.exec('ip route delete "$@"', { args: route });
    await host.exec(end);
  }
}
