import type { Role } from '../../../src/roles/role';
import { figure } from '../../../src/status/answer';
import probe from './probe-toy.sh';
import purge from './purge-toy.sh';

declare module '../../../src/status/host-status' {
  interface HostStatus {
    readonly toy?: { readonly guests: number };
  }
}

const folder = '/srv/toy';
const toyPort = 4242;
const guestsPort = 4343;

/** A role as somebody would add it: a folder, and a line in the list. On nodes that are labelled for it. */
export const toy: Role = {
  name: 'toy',
  isOn: ({ labels }) => labels.toy === 'yes',
  traffic: () => [
    {
      protocol: 'udp',
      ports: [toyPort],
      from: 'nodes',
      on: 'node',
      programs: 'toyd',
      between: { name: 'toys' },
    },
    { protocol: 'tcp', ports: [guestsPort], from: 'nodes', on: 'toy', programs: 'toyd', closedToPods: true },
  ],
  packages: () => ({ apt: ['toyd'], dnf: ['toyd-server'] }),
  takesOver: 'toy',
  uninstallers: () => ['70-toy'],
  programs: () => [`toyd :${toyPort}`],
  services: ({ hosts }) =>
    hosts
      .filter(({ labels }) => labels.toy === 'yes')
      .map((host) => ({
        name: 'Guests',
        host,
        address: host.nodeIps[0] ?? '',
        port: guestsPort,
        from: 'nodes',
        by: 'toy protocol',
        notes: [folder],
      })),
  data: {
    script: purge,
    call: 'purge_toy',
    on: () => ({ what: [`${folder}: the guests`], stays: [], inputs: { TOY_FOLDER: folder } }),
  },
  status: {
    units: () => ['toyd.service'],
    folders: () => [folder],
    certificates: () => [`${folder}/*.crt`],
    probe: { script: probe, calls: ['toy'], inputs: () => ({ TOY_FOLDER: folder }) },
    read: (answer, { labels }) =>
      labels.toy === 'yes' ? { toy: { guests: figure(answer.first('toy')?.[0], 'the guests') } } : {},
    *problems(_, hosts) {
      for (const { name: host, toy } of hosts)
        if (toy?.guests === 0)
          yield { severity: 'warning', code: 'toy-alone', host, message: "has no guests: run 'toyd invite'" };
    },
    repeat: ({ toy }) => (toy?.guests === 0 ? ['toy'] : []),
    *rows(_, hosts) {
      for (const { name, toy } of hosts) if (toy) yield ['toy', `${name} ${toy.guests} guests`];
    },
  },
};
