// The man page kmemtop(1), from the tables of commands and options.
import { type CommandWords, listCommandWords, type OptionWords } from './words.ts'

/** Returns the page in roff. */
export function formatManPage(version: string): string {
  const [live, ...all] = listCommandWords()
  return `${[
    `.TH KMEMTOP 1 "" "kmemtop ${version}" "User Commands"`,
    '.SH NAME',
    'kmemtop \\- live monitor of Linux kernel memory on a node',
    '.SH SYNOPSIS',
    '.B kmemtop',
    '.RI [ OPTIONS ]',
    '.br',
    '.B kmemtop',
    '.I COMMAND',
    '.RI [ OPTIONS ]',
    '.RI [ FILES ]',
    '.SH DESCRIPTION',
    escapeRoff(live!.description),
    'It reads only: it never writes to the kernel, kills, or drops caches.',
    'Without a command it shows the live screen, or prints text where there is no terminal.',
    '.SH OPTIONS',
    ...live!.options.flatMap(formatOption),
    '.SH COMMANDS',
    ...all.flatMap(formatCommand),
    ...CLOSING,
  ].join('\n')}\n`
}

const CLOSING = [
  '.SH EXIT STATUS',
  '.TP',
  '.B 0',
  'It ran and found nothing.',
  '.TP',
  '.B 1',
  'It found something.',
  '.TP',
  '.B 2',
  'It could not run, or cannot tell.',
  '.SH FILES',
  '.TP',
  '.I ~/.config/kmemtop/config.json, /etc/kmemtop/config.json',
  'Settings and thresholds.',
  '.SH SEE ALSO',
  '.BR slabtop (1),',
  '.BR proc (5),',
  '.BR cgroups (7)',
]

const formatCommand = ({ name, files, description, options }: CommandWords): readonly string[] => [
  '.SS',
  escapeRoff(`kmemtop ${name} ${files}`.trim()),
  escapeRoff(description),
  ...options.flatMap(formatOption),
]

function formatOption({ names, description, argument, choices }: OptionWords): readonly string[] {
  const list = choices.length === 0 ? '' : ` (${choices.join(', ')})`
  const flags = names.map(name => `\\fB${escapeRoff(name)}\\fR`).join(', ')
  return [
    '.TP',
    `${flags}${argument === '' ? '' : ` \\fI${escapeRoff(argument)}\\fR`}`,
    escapeRoff(`${description}${list}`),
  ]
}

// A backslash, a hyphen that is one, and a line that would be a request.
const escapeRoff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('’', "'")
    .replace(/^(?=[.'])/, '\\&')
