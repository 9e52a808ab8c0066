import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { App, TerraformStack, Testing } from 'cdktf';
import { previousTokens, tokenFile } from '../../src/model/secrets';
import { addKnownTokens } from '../../src/roles/lib/known-tokens';
import { PrivateFiles } from '../../src/secrets/private-files';
import { tokenHashes } from '../../src/secrets/token-hash';
import { testWith } from '../support/programs';
import { clusterYaml, Project } from '../support/project';

/** As people write them, and as k3s shows them. */
const tokens = [
  '0123abc',
  'K10d1e2::server:0123abc',
  'K10d1e2::0123abc',
  'server:0123abc',
  'with "quotes" and $',
  'a:b:c',
];

testWith('terraform', 'bash')(
  'this machine, hosts and Terraform agree on the hash that k3s names its data by',
  () => {
    const project = new Project(clusterYaml());
    const files = new PrivateFiles(project.folder);
    files.create(tokenFile, 'present\n');
    files.create(previousTokens(tokenFile), `${tokens.join('\n')}\n`);
    const hashes = tokenHashes(files);
    expect(hashes).toHaveLength(tokens.length + 1);
    expect(hashes.slice(1, 5)).toEqual(Array(4).fill(hashes[1]));

    const onHosts = ['present', ...tokens].map((token) =>
      execFileSync(
        'bash',
        ['-c', '. src/roles/lib/lib-token.sh; token_hash <(printf "%s\\n" "$1")', '-', token],
        {
          encoding: 'utf8',
        },
      ).trim(),
    );
    expect(onHosts).toEqual(hashes);

    const stack = new TerraformStack(new App(), 'hosts');
    addKnownTokens(stack);
    const folder = project.path('a/b/c');
    execFileSync('mkdir', ['-p', folder]);
    writeFileSync(`${folder}/cdk.tf.json`, Testing.synth(stack));
    const answer = execFileSync('terraform', [`-chdir=${folder}`, 'console'], {
      input: 'local.known_tokens\n',
      encoding: 'utf8',
    });
    expect(answer.trim()).toBe(`"${hashes.join(',')}"`);
  },
);
