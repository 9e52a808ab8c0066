import * as z from 'zod';
import { absolutePath } from './text';

/** k3s clears and creates a folder of this name on each node: a path would lead elsewhere. */
const name = z.string().regex(/^(\*|([A-Za-z0-9][A-Za-z0-9.-]*|\[[\dA-Fa-f:]+\])(:\d{1,5})?)$/, {
  error: (issue) =>
    `'${issue.input}' is not a registry: write it like docker.io or registry.example.net:5000, without 'https://', or '*' for every other one`,
});

const endpoint = z.string().regex(/^https?:\/\/[\w.~:/?#[\]!&()*+,;=%-]+$/, {
  error: (issue) =>
    `'${issue.input}' is not an endpoint: write a URL like https://registry.example.net:5000, without credentials`,
});

/** k3s puts it between the quotes of a TOML file as it is. */
const rewriting = z.string().regex(/^([^"\\\p{Cc}]|\\[\\"])*$/u, {
  error: (issue) =>
    `'${issue.input}' cannot stand in containerd's configuration, which k3s writes it to as it is: write '\\\\' for a backslash, and no quotes`,
});

const mirror = z
  .strictObject({
    endpoint: z.array(endpoint).default([]).describe('Registries to ask instead, in this order.'),
    rewrite: z
      .record(rewriting, rewriting)
      .optional()
      .describe('Regular expressions of repositories, and what they become.'),
  })
  .describe('Where images of one registry come from.');

const registry = z
  .strictObject({
    tls: z
      .strictObject({
        ca_file: absolutePath.optional().describe('Certificate authority, a file on the hosts.'),
        cert_file: absolutePath.optional().describe('Client certificate, a file on the hosts.'),
        key_file: absolutePath.optional().describe('Key of the client certificate, a file on the hosts.'),
        insecure_skip_verify: z
          .boolean()
          .optional()
          .describe('Do not verify the certificate of the registry.'),
      })
      .describe('How to trust the registry.'),
  })
  .describe('How to talk to one registry. Credentials do not belong here, see `registries`.');

/** The keys of k3s's own registries.yaml, so that its documentation applies. */
export const registries = z
  .strictObject({
    mirrors: z.record(name, mirror).default({}).describe('Mirrors by registry; `*` is every other one.'),
    configs: z.record(name, registry).default({}).describe('Settings by registry.'),
  })
  .describe(
    "k3s's registries.yaml for all nodes. With credentials, write the whole file to `secrets/registries.yaml` instead, see docs/how-to/secrets.md; it then replaces this.",
  );
