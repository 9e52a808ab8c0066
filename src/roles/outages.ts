/**
 * How long the API was unavailable, by the row of docs/measurements/changes.md (or, of databases, database.md) that says
 * so; a test compares the two.
 */
export const outages = {
  'upgrade of three servers, v1.34.1 to v1.34.2': '420 ms',
  'certificates of k3s renewed on three servers': '115 ms',
  'a server is added': '0 ms',
  'one is added, the first one and a dead one leave, in one apply': '202 ms',
  'virtual IP and port change': 'none: both answer for 46 s',
  'Postgres 15 to 17': '9 s and 17 s',
  'a newer image of the same Postgres version': '102 ms',
  'planned switchover': '1.6 s †',
  'one etcd host down (one server); two for a minute; both back': '0.5 s; 0.7 s; 0.6 s',
} as const;

export type Outage = keyof typeof outages;
