// The completion script for bash.
import { type CommandWords, listCommandWords, type OptionWords } from './words.ts'

/** Returns the script: `source <(kmemtop completion bash)`. */
export function formatBashCompletion(): string {
  const all = listCommandWords()
  const names = all.map(({ name }) => name).filter(Boolean)
  return `# bash completion of kmemtop
_kmemtop() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= options= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in ${names.join('|')}) command=\${COMP_WORDS[i]}; break ;; esac
  done
  case "$command $previous" in
${all.flatMap(formatValueCases).join('\n')}
  esac
  if [[ $word == -* ]]; then
    case $command in
${all.map(formatOptionCase).join('\n')}
    esac
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [[ -z $command ]]; then
    COMPREPLY=($(compgen -W '${names.join(' ')} help' -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _kmemtop kmemtop
`
}

const formatValueCases = ({ name, options }: CommandWords): readonly string[] =>
  options.filter(({ value }) => value !== 'none').map(option => formatValueCase(name, option))

function formatValueCase(command: string, { names, value, choices }: OptionWords): string {
  const words: Readonly<Record<string, string>> = {
    choice: `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return`,
    path: 'COMPREPLY=($(compgen -f -- "$word")); return',
    other: 'return',
  }
  return `    ${names.map(name => `'${command} ${name}'`).join('|')}) ${words[value]} ;;`
}

const formatOptionCase = ({ name, options }: CommandWords): string =>
  `      '${name}') options='${options.flatMap(({ names }) => names).join(' ')}' ;;`
