import type { CommandSpec, OptionSpec } from './spec';

/** Completion for fish. */
export function fishScript(commands: readonly CommandSpec[]): string {
  return [
    '# fish completion of k3s-cdk: k3s-cdk completion fish > ~/.config/fish/completions/k3s-cdk.fish',
    'complete -c k3s-cdk -f',
    "complete -c k3s-cdk -n __fish_use_subcommand -l help -d 'print help'",
    "complete -c k3s-cdk -n __fish_use_subcommand -l version -d 'print the version'",
    ...commands.flatMap(({ name, summary, options, words }) => [
      `complete -c k3s-cdk -n __fish_use_subcommand -a ${name} -d '${summary}'`,
      ...options.map(
        (option) => `complete -c k3s-cdk ${inside(name)} ${flags(option)} -d '${option.summary}'`,
      ),
      ...(words.length > 0 ? [`complete -c k3s-cdk ${inside(name)} -a '${words.join(' ')}'`] : []),
    ]),
    '',
  ].join('\n');
}

function inside(command: string): string {
  return `-n '__fish_seen_subcommand_from ${command}'`;
}

function flags({ short, long, value }: OptionSpec): string {
  const names = [...(short === undefined ? [] : [`-s ${short.slice(1)}`]), `-l ${long.slice(2)}`];
  if (!value) return names.join(' ');
  if (value.isPath) return [...names, '-r -F'].join(' ');
  return [...names, value.words.length > 0 ? `-x -a '${value.words.join(' ')}'` : '-x'].join(' ');
}
