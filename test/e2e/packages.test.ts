// Debian and RPM packages: installed, upgraded and removed in a root directory of their own.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect } from 'vitest'
import { skipUnlessFull } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'

const OUT = resolve('dist-packages')
const findMissing = (program: string): string | undefined =>
  spawnSync(program, ['--version']).error ? `${program} is missing` : undefined
const noRoot = process.getuid?.() === 0 ? undefined : 'dpkg needs root'
const reason = skipUnlessFull() ?? noRoot ?? findMissing('dpkg-deb')
const UNIT = 'usr/lib/systemd/system/kmemtop.service'

const findPackage = (ending: string): string => join(OUT, readdirSync(OUT).find(name => name.endsWith(ending))!)

describe('packages', () => {
  const root = createTemporaryFolder()
  const dpkg = (...words: readonly string[]): string =>
    execFileSync(
      'dpkg',
      [`--root=${root}`, '--force-script-chrootless', '--force-depends', '--force-not-root', ...words],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
  const build = (...words: readonly string[]): string => {
    execFileSync('npm', ['run', '-s', 'build:packages', '--', ...words], { stdio: ['ignore', 'ignore', 'inherit'] })
    return findPackage('.deb')
  }

  beforeAll(() => {
    if (reason !== undefined) return
    execFileSync('npm', ['run', '-s', 'build:binary', '--', process.arch], { stdio: ['ignore', 'ignore', 'inherit'] })
    for (const folder of ['info', 'updates']) mkdirSync(join(root, 'var/lib/dpkg', folder), { recursive: true })
    for (const file of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', file), '')
  })

  testUnless(reason)('of Debian: install, run, upgrade, remove; nothing is left', () => {
    dpkg('-i', build('1.0.0', 'deb'))
    const binary = join(root, 'usr/bin/kmemtop')
    expect(execFileSync(binary, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(readFileSync(join(root, UNIT), 'utf8')).toMatch(/^ExecStart=\/usr\/bin\/kmemtop agent /m)
    expect(readFileSync(join(root, 'usr/share/doc/kmemtop/copyright'), 'utf8')).toMatch(/ink 8\.0\.0 \(MIT\)/)
    dpkg('-i', build('1.0.1'))
    expect(dpkg('-s', 'kmemtop')).toMatch(/^Version: 1\.0\.1$/m)
    dpkg('-P', 'kmemtop')
    expect([existsSync(binary), existsSync(join(root, UNIT))]).toEqual([false, false])
  })

  testUnless(reason ?? findMissing('rpmbuild'))('of RPM: the same files with the same rights', () => {
    const list = execFileSync('rpm', ['-qp', '--qf', '[%{FILEMODES:perms} %{FILENAMES}\n]', findPackage('.rpm')], {
      encoding: 'utf8',
    })
    expect(list).toMatch(/^-rwxr-xr-x \/usr\/bin\/kmemtop$/m)
    expect(list).toMatch(/^-rw-r--r-- \/usr\/lib\/systemd\/system\/kmemtop\.service$/m)
    expect(list).toMatch(/kmemtop\.1\.gz$/m)
  })

  testUnless(reason)('the list of what is bundled names every licence, and the checksums are right', () => {
    const bom = JSON.parse(readFileSync(findPackage('.cdx.json'), 'utf8'))
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'kmemtop' } } })
    const libraries = bom.components.filter(({ type }: { type: string }) => type === 'library')
    expect(libraries.length).toBeGreaterThan(20)
    for (const { licenses } of libraries)
      expect(licenses[0].expression).toMatch(/^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause)$/)
    const licenses = readFileSync(findPackage('.licenses.txt'), 'utf8')
    for (const { name, version } of libraries) expect(licenses).toContain(`\n${name} ${version} (`)
    expect(licenses).toMatch(/^Node\.js, with what it contains\n[\s\S]*V8[\s\S]*OpenSSL/m)
    const lines = readFileSync(join(OUT, 'SHA256SUMS'), 'utf8').trim().split('\n')
    for (const line of lines) {
      const [sum, file] = line.split(/\s+/) as [string, string]
      expect(
        createHash('sha256')
          .update(readFileSync(join(OUT, file)))
          .digest('hex'),
      ).toBe(sum)
    }
    expect(lines).toHaveLength(readdirSync(OUT).length - 1)
  })
})
