// The completion script for zsh.
import { type CommandWords, listCommandWords, type OptionWords } from './words.ts'

/** Returns the script, a file `_kmemtop` in a folder of `fpath`. */
export function formatZshCompletion(): string {
  const [live, ...all] = listCommandWords()
  return `#compdef kmemtop
_kmemtop() {
  local -a commands=(
${all.map(({ name, description }) => `    ${quoteWord(`${name}:${description}`)}`).join('\n')}
  )
  local command=$words[2]
  case $command in
${all.map(formatCommandCase).join('\n')}
    *)
      _arguments -S ${live!.options.map(formatOption).join(' ')} '1:command:{_describe command commands}' ;;
  esac
}
_kmemtop "$@"
`
}

const formatCommandCase = ({ name, files, options }: CommandWords): string =>
  `    ${name})
      shift words; (( CURRENT-- ))
      _arguments -S ${[...options.map(formatOption), ...(files === '' ? [] : [quoteWord('*:file:_files')])].join(' ')} ;;`

function formatOption({ names, description, value, choices }: OptionWords): string {
  const actions: Readonly<Record<OptionWords['value'], string>> = {
    none: '',
    choice: `:value:(${choices.join(' ')})`,
    path: ':path:_files',
    other: ':value: ',
  }
  const text = `[${description.replace(/[[\]:]/g, ' ')}]${actions[value]}`
  return names.map(name => quoteWord(`*${name}${text}`)).join(' ')
}

const quoteWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
