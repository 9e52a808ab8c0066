import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { line } from '../src/config/schema/text';
import { escapeTemplate } from '../src/hosts/template-literal';
import { resolve } from '../src/model/resolve';
import { postgresqlConf } from '../src/roles/database/files/postgresql-conf';
import { synth } from '../src/synth';
import { programs, testGuard } from './support/guarded-stack';
import { postgresConf } from './support/hostile/config-readers';
import { accepted, everyText, hostileRound, textsOf } from './support/hostile/hostile-config';
import { hostileText } from './support/hostile/hostile-texts';
import { evaluate, parseTemplate } from './support/hostile/terraform-template';
import { found, stackOf, stepCommands } from './support/hostile/written-files';
import { findProgram, testWith } from './support/programs';
import { scratchFolders } from './support/scratch';
import { terraformValues } from './support/terraform-values';

// That hostile-text.test.ts reads as the programs do: Terraform, Postgres and systemd themselves.

const scratch = scratchFolders();

const hostile = everyText().map((document) => {
  const texts = textsOf(document);
  return accepted(document, texts, hostileRound(texts, 1));
});

function write(folder: string, path: string, text: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
}

testGuard(
  'Terraform finds in the commands of steps and in the paths of keys what our own reader does',
  () => {
    for (const { config } of hostile) {
      const topology = resolve(config);
      const { hosts } = synth(topology);
      const stack = stackOf(hosts);
      // Runs of steps are Terraform's own, and only resources have them.
      const commands = [...stepCommands(stack).values()]
        .flat()
        .filter((command) => !command.includes('self.triggers_replace'));
      const { applied_before: _, ...locals } = stack.locals;
      // What others have written to the notes beside the state.
      const noted = [...new Set(commands.join('\n').match(/(?<=replace\(local\.)\w+/g))];
      const notes = noted.map((name) => [name, escapeTemplate(found(`local.${name}`) ?? '')]);
      const own = {
        locals: stack.locals,
        value: found,
        file: (path: string) => hosts.get(path.replace('./', 'stacks/hosts/')) ?? '',
      };
      const keys = topology.hosts.flatMap(({ ssh: { privateKey } }) => privateKey ?? []);
      const connections = Object.values(stack.resource)
        .flatMap((resources) => Object.values(resources))
        .flatMap(({ connection }) => connection?.private_key ?? []);
      for (const program of programs) {
        const project = scratch();
        for (const [path, text] of hosts)
          if (path.includes('/steps/')) write(project, join('cdktf.out', path), text);
        for (const key of keys) write(project, key, `the key in ${key}`);
        const folder = join(project, 'cdktf.out/stacks/hosts');
        const values = [...commands, ...connections].map((text) =>
          text.replaceAll(
            /(plan)?timestamp\(\)|self\.id|(null_resource|terraform_data)\.[\w-]+(\[0\])?\.id/g,
            (reference) => `"${found(reference)}"`,
          ),
        );
        const real = terraformValues(program, folder, values, {
          locals: { ...locals, ...Object.fromEntries(notes) },
          // Without what they must be for a plan.
          variable: Object.fromEntries(
            Object.keys(stack.variable ?? {}).map((name) => [name, { default: false }]),
          ),
        });
        expect(real.slice(0, commands.length)).toEqual(
          commands.map((text) => evaluate(parseTemplate(text), own)),
        );
        expect([...new Set(real.slice(commands.length))].sort()).toEqual(
          [...new Set(keys)].map((key) => `the key in ${key}`).sort(),
        );
        const members = Object.values(stack.locals.members ?? {});
        const paths = members.flatMap(({ host }) => host.private_key ?? []);
        expect(terraformValues(program, scratch(), paths)).toEqual(keys.map((key) => `../../../${key}`));
      }
    }
  },
);

testWith('postgres')(
  'Postgres finds in its file the settings that cluster.yaml has, as our own reader does',
  () => {
    const postgres = String(findProgram('postgres'));
    const settings = fc
      .sample(hostileText('%m [%p] '), { numRuns: 60, seed: 1 })
      .filter((text) => line.safeParse(text).success);
    expect(settings.length).toBeGreaterThan(10);
    for (const text of settings) {
      const file = write(scratch(), 'postgresql.conf', postgresqlConf({ log_line_prefix: text }));
      const output = execFileSync(postgres, ['-C', 'log_line_prefix', '-D', dirname(file)], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
      expect(output).toBe(`${text}\n`);
      expect(postgresConf(postgresqlConf({ log_line_prefix: text }))).toMatchObject({
        log_line_prefix: text,
      });
    }
  },
);

testWith('systemd-analyze')(
  'systemd reads the units that are made of hostile texts without a complaint',
  () => {
    for (const { config } of hostile) {
      const { hosts } = synth(resolve(config));
      const folder = scratch();
      const units = [...hosts]
        .filter(([path]) => /\.(service|timer)$/.test(path))
        .map(([path, text]) => write(folder, path.replace(/^.*\//, ''), text));
      const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...new Set(units)], {
        encoding: 'utf8',
      });
      // Programs that steps install are not there; a schedule is judged by the host's systemd before it is used.
      const known = /is not executable|calendar specification/;
      expect(stderr.split('\n').filter((text) => text.includes(folder) && !known.test(text))).toEqual([]);
    }
  },
);
