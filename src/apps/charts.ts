import type { UserCharts } from '../cluster/cluster-app';

/**
 * Your own charts. Each one constructed here becomes `dist/<id>.k8s.yaml`, applied with the rest; start its id with
 * 50 or more, so that it follows what it needs:
 *
 *     new ExampleChart(app, '50-example', { topology, host: 'example.home.arpa' });
 */
export const userCharts: UserCharts = (_app, _topology) => {};
