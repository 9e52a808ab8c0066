import type { CommandSpec, OptionSpec } from './spec';

/** Completion for bash 3.2 and newer; needs no other package. */
export function bashScript(commands: readonly CommandSpec[]): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion of k3s-cdk; in ~/.bashrc: source <(k3s-cdk completion bash)
_k3s_cdk() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= word words= IFS=$'\\n'
  # bash makes three words of --format=json.
  [[ $current == '=' ]] && current=
  [[ $previous == '=' ]] && previous=\${COMP_WORDS[COMP_CWORD - 2]}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      ${names.join(' | ')}) command=$word && break ;;
    esac
  done
  COMPREPLY=()
  case "$command $previous" in
${commands.flatMap(({ name, options }) => options.flatMap((option) => valueCase(name, option))).join('\n')}
  esac
  case $command in
    '') words='${[...names, '--help', '--version'].join('\n')}' ;;
${commands.map(({ name, options, words }) => `    ${name}) words='${[...words, ...options.map(({ long }) => long)].join('\n')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _k3s_cdk k3s-cdk
`;
}

function valueCase(command: string, { short, long, value }: OptionSpec): string[] {
  if (!value) return [];
  const flags = [long, ...(short === undefined ? [] : [short])].map((flag) => `'${command} ${flag}'`);
  const action = value.isPath
    ? 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current"))'
    : value.words.length > 0
      ? `COMPREPLY=($(compgen -W '${value.words.join('\n')}' -- "$current"))`
      : ':';
  return [`    ${flags.join(' | ')}) ${action}; return ;;`];
}
