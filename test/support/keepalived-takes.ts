import { readFileSync } from 'node:fs';

const step = readFileSync('src/roles/load-balancer/load-balancer.sh', 'utf8');

/** The function by which the load balancer's step asks keepalived: `keepalived_takes INTERFACE INTERVAL CANDIDATE`. */
export const [keepalivedTakes = ''] = /^keepalived_takes\(\) \{$.*?^\}$/ms.exec(step) ?? [];
