import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fishScript } from '../../../src/commands/completion/fish';
import { commandSpecs } from '../../../src/commands/completion/spec';
import { zshScript } from '../../../src/commands/completion/zsh';
import { idleProgram } from '../../support/command-line';
import { answers, testWhen } from '../../support/needs';
import { scratchFolders } from '../../support/scratch';

const scratch = scratchFolders();
const specs = commandSpecs(idleProgram());

const testFish = testWhen(answers('fish', '--version'), 'fish is missing (apt-get install fish)');
const testZsh = testWhen(answers('zsh', '--version'), 'zsh is missing (apt-get install zsh)');

/** What fish offers for a line, without the descriptions. */
function fish(line: string): string[] {
  const folder = scratch();
  writeFileSync(join(folder, 'k3s-cdk.fish'), fishScript(specs));
  writeFileSync(join(folder, 'cluster.yaml'), '');
  const { stdout, stderr, status } = spawnSync(
    'fish',
    ['--no-config', '-c', 'source k3s-cdk.fish; complete -C $argv[1]', line],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } },
  );
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split('\t')[0] ?? '');
}

testFish('fish offers commands, options, values and files', () => {
  expect(fish('k3s-cdk va')).toEqual(['validate']);
  expect(fish('k3s-cdk synth --c')).toEqual(['--check']);
  expect(fish('k3s-cdk diagram --format ')).toEqual(['mermaid', 'svg']);
  expect(fish('k3s-cdk synth -f clus')).toEqual(['cluster.yaml']);
  expect(fish('k3s-cdk completion z')).toEqual(['zsh']);
});

/** What stands on zsh's command line after a TAB. */
function zsh(line: string): string {
  const folder = scratch();
  writeFileSync(join(folder, 'completion.zsh'), zshScript(specs));
  writeFileSync(join(folder, 'cluster.yaml'), '');
  // A shell on a pseudo-terminal, with a key that writes down its command line.
  const session = `
zmodload zsh/zpty
zpty shell 'zsh -f -i'
zpty -w shell 'PS1=; autoload -Uz compinit; compinit -u -D; source ./completion.zsh; show() { print -r -- "$BUFFER" >line }; zle -N show; bindkey "^T" show'
zpty -w -n shell "$1"$'\\t\\x14'
for i in {1..200}; do [[ -s line ]] && break; sleep 0.1; done
cat line
zpty -d shell`;
  const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', session, 'zsh', line], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, HOME: folder },
    timeout: 50_000,
  });
  return stdout.replace('\n', '') || stderr;
}

testZsh('zsh offers commands, options, values and files', () => {
  expect(zsh('k3s-cdk va')).toBe('k3s-cdk validate ');
  expect(zsh('k3s-cdk synth --c')).toBe('k3s-cdk synth --check ');
  expect(zsh('k3s-cdk diagram --format m')).toBe('k3s-cdk diagram --format mermaid ');
  expect(zsh('k3s-cdk synth -f clus')).toBe('k3s-cdk synth -f cluster.yaml ');
  expect(zsh('k3s-cdk completion z')).toBe('k3s-cdk completion zsh ');
});
