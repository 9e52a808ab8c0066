import type { CommandSpec, OptionSpec } from './spec';

/** Completion for zsh, to be sourced after compinit or put into a folder of fpath as _k3s-cdk. */
export function zshScript(commands: readonly CommandSpec[]): string {
  return `#compdef k3s-cdk
# zsh completion of k3s-cdk; in ~/.zshrc, after compinit: source <(k3s-cdk completion zsh)
_k3s_cdk() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    '${name}:${escapeZsh(summary)}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    _arguments '--help[print help]' '--version[print the version]'
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _k3s-cdk ]]; then
  _k3s_cdk "$@"
else
  compdef _k3s_cdk k3s-cdk
fi
`;
}

function commandCase({ name, options, words }: CommandSpec): string {
  const lines = [...options.map(argument), ...(words.length > 0 ? [`'1:${name}:(${words.join(' ')})'`] : [])];
  return `    ${name})\n      _arguments ${lines.join(' \\\n        ')}\n      ;;`;
}

function argument({ short, long, summary, value }: OptionSpec): string {
  const action = value ? `:${value.name}:${value.isPath ? '_files' : `(${value.words.join(' ')})`}` : '';
  const text = `[${escapeZsh(summary)}]${action}`;
  return short === undefined ? `'${long}${text}'` : `'(${short} ${long})'{${short},${long}}'${text}'`;
}

/** Characters that are special to _arguments and _describe. */
function escapeZsh(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}
