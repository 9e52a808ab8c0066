import type { TestCluster } from './test-cluster';

/** Makes k3s replace its certificates on each server by ones that are due soon, as it does when it is told to. */
export async function shortenCertificates(cluster: TestCluster): Promise<void> {
  const override = '/etc/systemd/system/k3s.service.d/short.conf';
  for (const name of cluster.members('server'))
    await cluster.lab
      .host(name)
      .exec(`install -D /dev/stdin ${override} <<<$'[Service]\\nEnvironment=CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS=30'
        systemctl daemon-reload && systemctl stop k3s
        find /var/lib/rancher/k3s/server/tls -maxdepth 1 -name '*.crt' -not -name '*-ca.crt' -delete
        systemctl start k3s && rm ${override} && systemctl daemon-reload`);
}
