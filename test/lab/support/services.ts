import type { TestCluster } from './test-cluster';

/** Main processes of k3s's servers and their load balancers, haproxy's newest worker, and when Postgres was started. */
export async function services(cluster: TestCluster): Promise<Record<string, string>> {
  const result: Record<string, string> = {
    postgres: await cluster.sql('SELECT pg_postmaster_start_time()'),
  };
  for (const server of cluster.members('server')) {
    const { stdout } = await cluster.lab
      .host(server)
      .exec(`for unit in k3s haproxy keepalived; do echo "$unit $(systemctl show --property MainPID --value $unit)"; done
        echo "haproxy worker $(pgrep --newest --parent "$(systemctl show --property MainPID --value haproxy)")"`);
    for (const line of stdout.trim().split('\n')) {
      const [, unit = '', pid = ''] = /^(.*) (\d+)$/.exec(line) ?? [];
      result[`${server} ${unit}`] = pid;
    }
  }
  return result;
}
