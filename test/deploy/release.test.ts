// The release script, in a repository of its own whose tests and builds are stubs.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { pickCases } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const SCRIPT = new URL('../../tools/release/release.mjs', import.meta.url).pathname
const CHANGELOG = '# Changelog\n\n## Unreleased\n\n### Added\n- A thing.\n\n## 1.0.0 - 2026-01-01\n\n- First.\n'
const BUILD = `rm -rf dist-packages && mkdir dist-packages && cd dist-packages && for f in a.deb a.cdx.json a.licenses.txt; do echo "$f" > "$f"; done && sha256sum a.* > SHA256SUMS`

let folder: string
const git = (...words: readonly string[]): string =>
  execFileSync('git', words, { cwd: folder, encoding: 'utf8' }).trim()
const read = (file: string): string => readFileSync(join(folder, file), 'utf8')

function writeProject(scripts: Readonly<Record<string, string>> = {}): void {
  const all = { test: 'true', 'build:binary': 'true', 'build:packages': BUILD, ...scripts }
  const project = { name: 'project', version: '1.0.0', scripts: all }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(project, undefined, 2)}\n`)
  writeFileSync(
    join(folder, 'package-lock.json'),
    '{ "name": "project", "version": "1.0.0", "lockfileVersion": 3, "packages": {} }\n',
  )
}

beforeEach(() => {
  folder = createTemporaryFolder()
  writeProject()
  writeFileSync(join(folder, 'CHANGELOG.md'), CHANGELOG)
  writeFileSync(join(folder, '.gitignore'), 'dist-packages/\n')
  git('init', '--quiet')
  git('config', 'user.name', 'Test')
  git('config', 'user.email', 'test@example.org')
  commit()
})

function commit(): void {
  git('add', '-A')
  git('commit', '--quiet', '-m', 'state')
}

function release(...words: readonly string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...words], { cwd: folder, encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

test('a release has its version everywhere, a section of the changelog, a commit and a tag', () => {
  const { status, text } = release('1.1.0')
  expect([status, text]).toEqual([0, expect.stringMatching(/tagged v1\.1\.0; in dist-packages: a\.cdx\.json, a\.deb/)])
  expect([JSON.parse(read('package.json')).version, JSON.parse(read('package-lock.json')).version]).toEqual([
    '1.1.0',
    '1.1.0',
  ])
  expect(read('CHANGELOG.md')).toMatch(
    /^## Unreleased\n\n## 1\.1\.0 - \d{4}-\d\d-\d\d\n\n### Added\n- A thing\.\n\n## 1\.0\.0/m,
  )
  expect(git('log', '-1', '--format=%s')).toBe('release: 1.1.0')
  expect(git('describe', '--tags')).toBe('v1.1.0')
  expect(git('status', '--porcelain')).toBe('')
})

test('a dry run shows the section and changes nothing', () => {
  const before = git('rev-parse', 'HEAD')
  const { status, text } = release('1.1.0', '--dry-run')
  expect([status, text]).toEqual([
    0,
    expect.stringMatching(/dry run: would release 1\.1\.0\n\n## 1\.1\.0 - .*\n\n### Added\n- A thing\./),
  ])
  expect([git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]).toEqual([before, '', ''])
})

describe('nothing is released', () => {
  const refuse = (text: RegExp, ...words: readonly string[]): void => {
    const before = git('rev-parse', 'HEAD')
    const result = release(...words)
    expect([result.status, result.text]).toEqual([1, expect.stringMatching(text)])
    expect([git('rev-parse', 'HEAD'), JSON.parse(read('package.json')).version]).toEqual([before, '1.0.0'])
  }

  test('from a tree with changes, of tracked files or new ones', () => {
    writeFileSync(join(folder, 'new'), '')
    refuse(/not committed:\n\?\? new/, '1.1.0')
    refuse(/not committed/, '1.1.0', '--dry-run')
  })

  test('when tests fail, also in a dry run', () => {
    writeProject({ test: 'exit 3' })
    commit()
    refuse(/npm test failed/, '1.1.0', '--dry-run')
    expect(git('status', '--porcelain')).toBe('')
  })

  test('when a build fails or a file is not what its checksum says: the tree is as before', () => {
    const changed = `${BUILD} && echo changed >> a.deb`
    for (const build of pickCases([changed], ['exit 1', changed, BUILD.replace('a.licenses.txt', '')])) {
      writeProject({ 'build:packages': build })
      commit()
      refuse(/build:packages failed|is not what SHA256SUMS says|has no .*licenses/, '1.1.0')
      expect(git('status', '--porcelain')).toBe('')
    }
  })

  test('of a version that is not newer, has a tag, or is none', () => {
    refuse(/0\.9\.0 is not newer than 1\.0\.0/, '0.9.0')
    refuse(/1\.0\.0-rc\.1 is not newer/, '1.0.0-rc.1')
    git('tag', 'v1.2.0')
    refuse(/the tag v1\.2\.0 exists/, '1.2.0')
    refuse(/usage/, '1.1')
    refuse(/usage/, '1.1.0; true')
    refuse(/usage/, '1.1.0', '--force')
  })

  test('without an entry in the changelog', () => {
    writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n## 1.0.0 - x\n- First.\n')
    commit()
    refuse(/"## Unreleased" has no entry/, '1.1.0')
  })
})
