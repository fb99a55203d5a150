// Completion scripts and man page: every command and option is in them, and each shell takes its script.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatBashCompletion } from '../../src/cli/completion/bash.ts'
import { formatFishCompletion } from '../../src/cli/completion/fish.ts'
import { formatManPage } from '../../src/cli/completion/man-page.ts'
import { listCommandWords } from '../../src/cli/completion/words.ts'
import { formatZshCompletion } from '../../src/cli/completion/zsh.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'

const folder = createTemporaryFolder()
const all = listCommandWords()
const findMissing = (program: string): string | undefined =>
  spawnSync(program, ['--version']).error === undefined
    ? undefined
    : `${program} is missing: apt-get install ${program}`

/** Starts a program with a script as its file. */
function runScript(program: string, script: string, ...words: readonly string[]): string {
  const file = join(folder, `script.${program}`)
  writeFileSync(file, script)
  const { stdout, stderr } = spawnSync(program, [...words, file], { encoding: 'utf8' })
  return `${stdout}${stderr}`
}

/** What bash offers after these words. */
const completeInBash = (...words: readonly string[]): readonly string[] =>
  runScript(
    'bash',
    `${formatBashCompletion()}
COMP_WORDS=(kmemtop ${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
_kmemtop; printf '%s\\n' "\${COMPREPLY[@]}"`,
  )
    .split('\n')
    .filter(Boolean)

describe('bash', () => {
  test.each(all.map(command => [command.name, command] as const))(
    'offers every option of "%s"',
    (name, { options }) => {
      const offered = completeInBash(...(name === '' ? [] : [name]), '-')
      expect(offered.toSorted()).toEqual(options.flatMap(({ names }) => names).sort())
    },
  )

  test('offers commands first, choices after an option, nothing after one with a free value', () => {
    expect(completeInBash('re')).toEqual(['record', 'replay', 'redact', 'report'])
    expect(completeInBash('record', '--kmsg', '')).toEqual(['on', 'off'])
    expect(completeInBash('record', '--for', '')).toEqual([])
  })
})

testUnless(findMissing('zsh'))('zsh takes its script', () =>
  expect(runScript('zsh', formatZshCompletion(), '-n')).toBe(''),
)

testUnless(findMissing('fish'))('fish takes its script and offers commands and options', () => {
  const script = `${formatFishCompletion()}\ncomplete -C 'kmemtop rec'\ncomplete -C 'kmemtop record --kms'\n`
  expect(runScript('fish', script)).toMatch(/^record\trecord this node without a screen\n--kmsg\t/)
})

test('the man page has every command and option, and no warning of groff', () => {
  const page = formatManPage('1.2.3')
  for (const { name, options } of all) {
    expect(page).toContain(name)
    for (const option of options) for (const flag of option.names) expect(page).toContain(flag.replaceAll('-', '\\-'))
  }
  if (spawnSync('groff', ['--version']).error) return
  expect(runScript('groff', page, '-man', '-Tutf8', '-ww', '-z')).toBe('')
})
