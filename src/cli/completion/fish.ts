// The completion script for fish.
import { type CommandWords, listCommandWords, type OptionWords } from './words.ts'

/** Returns the script, a file `kmemtop.fish` in a folder of completions. */
export function formatFishCompletion(): string {
  const [live, ...all] = listCommandWords()
  const names = all.map(({ name }) => name).join(' ')
  const isFirst = `not __fish_seen_subcommand_from ${names}`
  return `${[
    '# fish completion of kmemtop',
    `complete -c kmemtop -n ${quoteWord(isFirst)} -f`,
    ...all.map(
      ({ name, description }) => `complete -c kmemtop -n ${quoteWord(isFirst)} -a ${name} -d ${quoteWord(description)}`,
    ),
    ...formatOptions(live!, isFirst),
    ...all.flatMap(command => formatOptions(command, `__fish_seen_subcommand_from ${command.name}`)),
  ].join('\n')}\n`
}

const formatOptions = ({ options }: CommandWords, condition: string): readonly string[] =>
  options.map(option => `complete -c kmemtop -n ${quoteWord(condition)} ${formatOption(option)}`)

function formatOption({ names, description, value, choices }: OptionWords): string {
  const flags = names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')
  const values: Readonly<Record<OptionWords['value'], string>> = {
    none: '',
    choice: ` -x -a ${quoteWord(choices.join(' '))}`,
    path: ' -r -F',
    other: ' -x',
  }
  return `${flags}${values[value]} -d ${quoteWord(description)}`
}

const quoteWord = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
