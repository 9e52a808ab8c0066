import * as z from 'zod';
import { dnsLabel } from './primitives';

/** A file below the folder of cluster.yaml, without characters that are special to a shell or to Terraform. */
const projectFile = z.string().regex(/^(?!-)[\w@+.-]+(\/[\w@+.-]+)*$/, {
  error: (issue) =>
    `'${issue.input}' is not a file below the folder of this file: write its path from here, like scripts/nut.sh, with letters, digits and / . _ - + @`,
});

export const step = z
  .strictObject({
    run: projectFile.describe(
      'Bash script that runs on the host as root: when it is new there, and again whenever it or one of `files` or `secrets` changes.',
    ),
    name: dnsLabel
      .optional()
      .describe(
        'What the step is called in plans, after `own-`. Default: the name of the script without `.sh`.',
      ),
    after: dnsLabel
      .default('prepare')
      .describe(
        'What runs before it on the same host: `prepare`, `disks`, `firewall`, `database`, `nfs`, `k3s`, or another of these steps; where the host lacks that, `prepare`. Steps after `prepare`, `disks` or `firewall` run before everything else on the host.',
      ),
    hosts: z
      .array(dnsLabel)
      .min(1)
      .optional()
      .describe('Hosts that it runs on, with those of `groups`. Default: all.'),
    groups: z
      .array(dnsLabel)
      .min(1)
      .optional()
      .describe('Groups whose hosts it runs on. Default: as `hosts` says.'),
    uninstall: projectFile
      .optional()
      .describe(
        'Bash script that undoes it, kept on the host: it runs when the step is removed here, or the host leaves. Default: what the step has done stays.',
      ),
    files: z
      .array(projectFile)
      .default([])
      .describe('Text files that the script finds beside itself, by their names without folders.'),
    secrets: z
      .array(
        z.string().regex(/^(?![-.])[\w@+.-]+$/, {
          error: (issue) =>
            `'${issue.input}' is not the name of a file: write the name alone of one in 'secrets/steps/NAME/', NAME being that of the step`,
        }),
      )
      .default([])
      .describe(
        'Names of files in `secrets/steps/NAME/`, NAME being that of the step. The script gets the folder with them as its first argument.',
      ),
  })
  .describe('A script of your own that runs on hosts.');

/** Names of packages as apt and dnf have them; what both read as more than a name is left out. */
export const packageName = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9+._-]*[A-Za-z0-9+])?$/, {
  error: (issue) =>
    `'${issue.input}' is not the name of a package: write the name alone, without version and options`,
});
