// Makes a release, `npm run release -- VERSION [--dry-run]`: tests, version, CHANGELOG, packages with checksums, list of what is
// bundled and licences, then a commit and a tag. Nothing is pushed. A dry run checks and tests, and writes nothing.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { closeUnreleased, readUnreleased } from './changelog.mjs'

const OUT = 'dist-packages'
const CHANGED = ['package.json', 'package-lock.json', 'CHANGELOG.md']
const REQUIRED = [/\.deb$/, /\.cdx\.json$/, /\.licenses\.txt$/]

const git = (...words) => execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
const run = (...words) => {
  const { status, error } = spawnSync('npm', words, { stdio: 'inherit' })
  if (error || status !== 0) throw new Error(`npm ${words.join(' ')} failed`)
}

function parseArguments(words) {
  const [version, ...options] = words
  const unknown = options.find(option => option !== '--dry-run')
  if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/i.test(version ?? '') || unknown !== undefined)
    throw new Error('usage: npm run release -- VERSION [--dry-run], with a version like 1.2.3')
  return { version, isDry: options.length > 0 }
}

// Numbers first, then a release before none: 1.0.0-rc.1 is older than 1.0.0.
function isNewer(version, than) {
  const parse = text => ({ numbers: text.split('-')[0].split('.').map(Number), isFinal: !text.includes('-') })
  const [a, b] = [parse(version), parse(than)]
  const i = a.numbers.findIndex((number, at) => number !== b.numbers[at])
  return i < 0 ? a.isFinal && !b.isFinal : a.numbers[i] > b.numbers[i]
}

/** Throws where a release cannot be made of what is here. */
function checkTree(version) {
  const dirty = git('status', '--porcelain')
  if (dirty !== '') throw new Error(`the tree has changes that are not committed:\n${dirty}`)
  if (git('tag', '--list', `v${version}`) !== '') throw new Error(`the tag v${version} exists`)
  const { version: current } = JSON.parse(readFileSync('package.json', 'utf8'))
  // the first release has the version that is there
  if (version !== current && !isNewer(version, current)) throw new Error(`${version} is not newer than ${current}`)
}

/** Throws if a file is missing in the packages, or is another than its checksum says. */
function checkPackages() {
  const lines = readFileSync(join(OUT, 'SHA256SUMS'), 'utf8').trim().split('\n')
  const files = lines.map(line => line.split(/ {2}/))
  for (const pattern of REQUIRED)
    if (!files.some(([, file]) => pattern.test(file))) throw new Error(`${OUT} has no ${pattern.source}`)
  for (const [sum, file] of files) {
    const actual = createHash('sha256')
      .update(readFileSync(join(OUT, file)))
      .digest('hex')
    if (actual !== sum) throw new Error(`${OUT}/${file} is not what SHA256SUMS says`)
  }
  return files.map(([, file]) => file)
}

function makeRelease(version, changelog) {
  try {
    run('version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts')
    writeFileSync('CHANGELOG.md', changelog)
    run('run', '-s', 'build:binary', '--', process.arch)
    run('run', '-s', 'build:packages')
    const files = checkPackages()
    git('commit', '--quiet', '-m', `release: ${version}`, '--', ...CHANGED)
    git('tag', '-a', `v${version}`, '-m', `kmemtop ${version}`)
    console.log(`committed and tagged v${version}; in ${OUT}: ${files.join(', ')}`)
    console.log('to publish: git push --follow-tags')
  } catch (error) {
    git('reset', '--quiet', '--', ...CHANGED)
    git('checkout', '--quiet', '--', ...CHANGED)
    throw error
  }
}

try {
  const { version, isDry } = parseArguments(process.argv.slice(2))
  checkTree(version)
  const day = new Date().toISOString().slice(0, 10)
  const before = readFileSync('CHANGELOG.md', 'utf8')
  const changelog = closeUnreleased(before, version, day)
  run('test')
  if (isDry) console.log(`dry run: would release ${version}\n\n## ${version} - ${day}\n\n${readUnreleased(before)}`)
  else makeRelease(version, changelog)
} catch (error) {
  console.error(`release: ${error.message}`)
  process.exitCode = 1
}
