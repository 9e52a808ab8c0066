import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCluster } from './test-cluster';

/** A Deployment that may lose one of its two pods at a time, and how many are ready while something happens. */
export async function appOfTwo(cluster: TestCluster) {
  await cluster.kubectl('create deployment web --image=lab.invalid/web --replicas=2');
  await cluster.kubectl('create poddisruptionbudget web --selector=app=web --min-available=1');
  await cluster.kubectl('rollout status deployment/web --timeout=120s');
  const counts: number[] = [];
  let ended = false;
  const look = async () => {
    while (!ended) {
      // Without an answer, nobody knows how many there are.
      const said = await cluster
        .kubectl("get deployment web -o jsonpath='ready {.status.readyReplicas}'")
        .catch(() => '');
      // There is no field for none.
      const [, count] = /^ready ?(\d*)$/.exec(said) ?? [];
      if (count !== undefined) counts.push(Number(count));
      await sleep(500);
    }
  };
  void look();
  return {
    end: () => {
      ended = true;
    },
    /** What the API has answered so far. */
    counts: (): readonly number[] => counts,
  };
}
