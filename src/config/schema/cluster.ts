import * as z from 'zod';
import { addons } from './addons';
import { api } from './api';
import { database } from './database';
import { group, host } from './host';
import { images } from './images';
import { k3s } from './k3s';
import { manifests } from './manifests';
import { metallb } from './metallb';
import { network } from './network';
import { nfs } from './nfs';
import { patch } from './patches';
import { dnsLabel } from './primitives';
import { proxy } from './proxy';
import { ssh } from './ssh';
import { step } from './step';
import { terraform } from './terraform';
import { watch } from './watch';

// Compiling its own checkers takes zod longer than checking one file without them.
z.config({ jitless: true });

/** The whole of cluster.yaml. Types, JSON schema and reference documentation all come from here. */
export const cluster = z
  .strictObject({
    name: dnsLabel.describe('Name of the cluster, of its kubeconfig context and of its state.'),
    ssh,
    hosts: z.array(host).min(1).describe('The machines.'),
    groups: z
      .record(dnsLabel, group)
      .exactOptional()
      .describe(
        'Settings that hosts have in common, by the name of the group: all keys of a host but `name`, `address`, `nodeIps` and `group`. What a host says itself replaces what its group says; `labels`, `config` and `ssh` are merged, key by key. Default: none.',
      ),
    steps: z
      .array(step)
      .default([])
      .describe(
        'Scripts of your own that run on hosts, and are uninstalled again when they are removed here.',
      ),
    api: api.prefault({}),
    k3s,
    network: network.prefault({}),
    database: database.prefault({}),
    nfs: nfs.prefault({}),
    proxy: proxy.optional(),
    metallb: metallb.optional(),
    addons: addons.prefault({}),
    watch: watch.exactOptional(),
    images: images.prefault({}),
    manifests,
    patches: z
      .array(patch)
      .default([])
      .describe('Changes to the finished manifests, for what has no field in this file.'),
    terraform: terraform.prefault({}),
    provisioner: z
      .enum(['null-resource', 'builtin'])
      .default('null-resource')
      .describe(
        "Terraform resource behind each host step: `null-resource` needs HashiCorp's null provider, `builtin` (terraform_data) downloads nothing.",
      ),
  })
  .describe('A k3s cluster.');
