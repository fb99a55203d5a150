// The sections of CHANGELOG.md.

const UNRELEASED = '## Unreleased'

/** Returns what is not released yet, without its heading. */
export function readUnreleased(changelog) {
  const begin = changelog.indexOf(`${UNRELEASED}\n`)
  if (begin < 0) throw new Error(`CHANGELOG.md has no section "${UNRELEASED}"`)
  const rest = changelog.slice(begin + UNRELEASED.length + 1)
  const end = rest.search(/^## /m)
  return (end < 0 ? rest : rest.slice(0, end)).trim()
}

/** Gives what is not released yet a heading with version and day, below an empty section. */
export function closeUnreleased(changelog, version, day) {
  if (!/^[-*] /m.test(readUnreleased(changelog))) throw new Error(`CHANGELOG.md: "${UNRELEASED}" has no entry`)
  if (changelog.includes(`\n## ${version} `)) throw new Error(`CHANGELOG.md has a section for ${version} already`)
  return changelog.replace(`${UNRELEASED}\n`, `${UNRELEASED}\n\n## ${version} - ${day}\n`)
}
