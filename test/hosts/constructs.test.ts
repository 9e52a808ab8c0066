import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, Testing } from 'cdktf';
import type { Topology } from '../../src/model/topology';
import { synthHosts } from '../../src/roles/hosts-app';
import { HostsStack } from '../../src/roles/hosts-stack';
import { everyField } from '../support/every-field';
import { topologyOf } from '../support/examples';
import { scratchFolders } from '../support/scratch';
import { terraformText } from '../support/terraform-text';

const scratch = scratchFolders();
const configuration = 'stacks/hosts/cdk.tf.json';

const context = { crds: '', manifestSet: '' };

function stackOf(topology: Topology): HostsStack {
  return new HostsStack(new App({ outdir: scratch(), hclOutput: false }), topology, context);
}

/** What is reviewed of a step of a cluster that sets every field, by its name. */
const byId = {
  'one-database': stepsOf(everyField('one-database')),
  'two-databases': stepsOf(everyField('two-databases')),
  'external-database': stepsOf(everyField('external-database')),
};

function stepsOf(topology: Topology): (id: string) => string {
  const tree = new Map([[configuration, Testing.synth(stackOf(topology), true)]]);
  const texts = terraformText(tree, topology.hosts, { contents: true });
  return (id) => {
    const text = texts.get(`${id}.txt`);
    if (text === undefined) throw new Error(`no resource '${id}', there are ${[...texts.keys()].join(' ')}`);
    return text;
  };
}

// `test/golden` has them as they are by default.
test.each([
  ['Prepare', 'one-database', 'firstserver_prepare'],
  ['Disks', 'one-database', 'storehost_disks'],
  ['Database', 'one-database', 'storehost_database'],
  ['Database, brought image', 'one-database', 'storehost_database-image'],
  ['DatabaseBackup', 'one-database', 'storehost_database-backup'],
  ['DatabaseMember', 'two-databases', 'storeone_database'],
  ['ExternalDatabase', 'external-database', 'loneserver_external-database'],
  ['DatabaseBackup of an external one', 'external-database', 'loneserver_database-backup'],
  ['Etcd', 'two-databases', 'serverone_etcd'],
  ['Nfs', 'one-database', 'storehost_nfs'],
  ['NfsClient of a server that is none of ours', 'two-databases', 'serverone_nfs-client'],
  ['K3sBinary', 'one-database', 'firstserver_k3s-binary'],
  ['K3sServer', 'one-database', 'firstserver_k3s'],
  ['K3sAgent', 'one-database', 'onlyagent_k3s'],
  ['K3sCharts', 'one-database', 'firstserver_k3s-charts'],
  ['LoadBalancer', 'one-database', 'firstserver_load-balancer'],
] as const)('%s with every field', (_, cluster, id) => {
  expect(byId[cluster](id)).toMatchSnapshot();
});

test('the configuration is the one that cdktf writes itself', () => {
  const topology = topologyOf('examples/ha-database.yaml');
  const ours = synthHosts(topology, context).files.get(configuration) ?? '';
  const folder = Testing.fullSynth(stackOf(topology));
  const written = readFileSync(join(folder, configuration), 'utf8');
  rmSync(folder, { recursive: true });
  expect(JSON.parse(written, withoutNotes)).toEqual(JSON.parse(ours, withoutNotes));
});

/** cdktf's notes about itself. */
function withoutNotes(key: string, value: unknown): unknown {
  return key === '//' ? undefined : value;
}
