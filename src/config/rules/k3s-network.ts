import { argumentOf } from '../cis';
import type { Draft } from '../draft';
import { secretsOnNode } from '../k3s-secrets';
import { quote } from '../quote';
import { extraConfigs } from './k3s';
import type { Finding } from './rule';

/** Without flannel, nodes wait for another network plugin. */
export function* podNetworkIsThere(config: Draft): Iterable<Finding> {
  if (config.k3s?.config?.['flannel-backend'] !== 'none') return;
  yield {
    path: ['k3s', 'config', 'flannel-backend'],
    severity: 'warning',
    message:
      "'none' leaves nodes without a network for pods, and this tool brings no other: the first apply waits for the first server 300 s and fails, unless your own is in its '/var/lib/rancher/k3s/server/manifests' by then",
  };
}

/** In mode `ipvs`, every node has the addresses of all services, and answers for them itself. */
export function* ipvsAnswersNobody(config: Draft): Iterable<Finding> {
  const { metallb } = config;
  if (!metallb || (metallb.mode !== 'l2' && !metallb.l2?.advertisements?.length)) return;
  const all = extraConfigs(config).map(({ path, values }) => {
    const value = values['kube-proxy-arg'];
    return {
      path,
      isList: Array.isArray(value),
      list: [value ?? []].flat().map((each) => argumentOf(String(each))),
    };
  });
  const isStrict = ({ list }: (typeof all)[number]) =>
    list.some(({ name, value }) => name === 'ipvs-strict-arp' && value === 'true');
  const [forAll] = all;
  for (const each of all) {
    const index = each.list.findIndex(({ name, value }) => name === 'proxy-mode' && value === 'ipvs');
    if (index < 0 || isStrict(each) || (forAll && isStrict(forAll))) continue;
    yield {
      path: [...each.path, 'kube-proxy-arg', ...(each.isList ? [index] : [])],
      message:
        "with 'proxy-mode=ipvs' every node answers for the addresses of MetalLB's mode 'l2' at once: add 'ipvs-strict-arp=true', or delete this",
    };
  }
}

/** Where distributions keep their CAs. */
const ofDistribution = /^\/(etc\/(ssl\/certs|pki)|usr\/(share|local\/share)|var\/lib\/ca-certificates)\//;

/** Files that registries.yaml refers to must be on nodes, or images cannot be pulled. */
export function* registryFilesAreBrought(config: Draft): Iterable<Finding> {
  for (const [name, registry] of Object.entries(config.k3s?.registries?.configs ?? {})) {
    for (const [key, file] of Object.entries(registry?.tls ?? {})) {
      if (typeof file !== 'string' || file.startsWith(`${secretsOnNode}/`) || ofDistribution.test(file))
        continue;
      yield {
        path: ['k3s', 'registries', 'configs', name, 'tls', key],
        severity: 'warning',
        message: `nobody brings ${quote(file)} to the nodes: write it to 'secrets/k3s/', and here '${secretsOnNode}/${file.slice(file.lastIndexOf('/') + 1)}'`,
      };
    }
  }
}
