// Builds packages, `npm run build:packages [-- VERSION [deb]]`: dist-packages/*.deb, *.rpm, a list of what is bundled (CycloneDX), its licences, SHA256SUMS.
// The executable of `npm run build:binary` must be there.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { listBundled } from './bundled.mjs'

const { version: own, description } = JSON.parse(readFileSync('package.json', 'utf8'))
const [version = own, only] = process.argv.slice(2) // `deb`: no other package
const OUT = resolve('dist-packages')
const binary = resolve('dist-binary', `kmemtop-linux-${process.arch}`)
const ARCHITECTURES = { x64: { deb: 'amd64', rpm: 'x86_64' }, arm64: { deb: 'arm64', rpm: 'aarch64' } }
const arch = ARCHITECTURES[process.arch]
const MAINTAINER = 'kmemtop maintainers <kmemtop@example.org>'

if (!existsSync(binary)) throw new Error(`${binary} is missing: npm run build:binary`)
const work = mkdtempSync(join(tmpdir(), 'kmemtop-packages-'))

/** Writes the files that every package installs below `root`. */
function writeTree(root, bundled) {
  const write = (path, content, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content, { mode })
  }
  const print = format => execFileSync(binary, ['completion', format], { encoding: 'utf8' })
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  copyFileSync(binary, join(root, 'usr/bin/kmemtop'))
  chmodSync(join(root, 'usr/bin/kmemtop'), 0o755)
  for (const unit of ['kmemtop.service', 'kmemtop-record.service'])
    write(
      `usr/lib/systemd/system/${unit}`,
      readFileSync(`deploy/${unit}`, 'utf8').replaceAll('/usr/local/bin/', '/usr/bin/'),
    )
  write('usr/share/man/man1/kmemtop.1.gz', gzipSync(print('man'), { level: 9 }))
  write('usr/share/bash-completion/completions/kmemtop', print('bash'))
  write('usr/share/zsh/vendor-completions/_kmemtop', print('zsh'))
  write('usr/share/fish/vendor_completions.d/kmemtop.fish', print('fish'))
  write('usr/share/doc/kmemtop/copyright', formatCopyright(bundled))
  write('usr/share/doc/kmemtop/changelog.gz', gzipSync(readFileSync('CHANGELOG.md'), { level: 9 }))
}

const formatCopyright = bundled =>
  [
    readFileSync('LICENSE', 'utf8'),
    `The executable contains Node.js and these packages:\n${bundled.map(({ name, version: used }) => `  ${name} ${used}\n`).join('')}`,
    `${'-'.repeat(70)}\nNode.js, with what it contains\n\n${readFileSync(`node_modules/node-linux-${process.arch}/LICENSE`, 'utf8')}`,
    ...bundled.map(
      ({ name, version: used, license, text }) => `${'-'.repeat(70)}\n${name} ${used} (${license})\n\n${text}`,
    ),
  ].join('\n\n')

function buildDeb(root) {
  const size = Number(execFileSync('du', ['-sk', root], { encoding: 'utf8' }).split('\t')[0])
  mkdirSync(join(root, 'DEBIAN'))
  const control = {
    Package: 'kmemtop',
    Version: version,
    Architecture: arch.deb,
    Maintainer: MAINTAINER,
    Depends: 'libc6 (>= 2.28), libstdc++6',
    Section: 'admin',
    Priority: 'optional',
    'Installed-Size': size,
    Description: description,
  }
  const lines = Object.entries(control).map(([name, value]) => `${name}: ${value}\n`)
  writeFileSync(join(root, 'DEBIAN/control'), lines.join(''))
  // the units are installed and neither enabled nor started
  const reload = '#!/bin/sh\n[ ! -d /run/systemd/system ] || systemctl daemon-reload\n'
  for (const script of ['postinst', 'postrm']) writeFileSync(join(root, 'DEBIAN', script), reload, { mode: 0o755 })
  writeFileSync(join(root, 'DEBIAN/prerm'), PRERM, { mode: 0o755 })
  const file = join(OUT, `kmemtop_${version}_${arch.deb}.deb`)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', root, file], { stdio: 'ignore' })
  rmSync(join(root, 'DEBIAN'), { recursive: true })
}

const PRERM = `#!/bin/sh
[ "$1" = upgrade ] || [ ! -d /run/systemd/system ] || systemctl --no-reload disable --now kmemtop.service kmemtop-record.service
exit 0
`

function buildRpm(root) {
  if (spawnSync('rpmbuild', ['--version']).error) return console.warn('no rpmbuild: no RPM package')
  const spec = join(work, 'kmemtop.spec')
  writeFileSync(
    spec,
    `Name: kmemtop
Version: ${version.replaceAll('-', '~')}
Release: 1
Summary: ${description}
License: MIT
AutoReqProv: no
Requires: glibc >= 2.28
%define _build_id_links none
%define __strip /bin/true
%define _binary_payload w6.gzdio
%description
${description}
%files
%attr(0755,root,root) /usr/bin/kmemtop
%defattr(0644,root,root)
/usr/lib/systemd/system/kmemtop.service
/usr/lib/systemd/system/kmemtop-record.service
/usr/share/man/man1/kmemtop.1.gz
/usr/share/bash-completion/completions/kmemtop
/usr/share/zsh/site-functions/_kmemtop
/usr/share/fish/vendor_completions.d/kmemtop.fish
%doc /usr/share/doc/kmemtop/copyright
%doc /usr/share/doc/kmemtop/changelog.gz
%preun
[ "$1" != 0 ] || [ ! -d /run/systemd/system ] || systemctl --no-reload disable --now kmemtop.service kmemtop-record.service || :
`,
  )
  const top = join(work, 'rpm')
  const defines = [`_topdir ${top}`, `_rpmdir ${top}`, `buildroot ${join(work, 'rpmroot')}`]
  execFileSync('cp', ['-a', root, join(work, 'rpmroot')])
  const zsh = join(work, 'rpmroot/usr/share/zsh')
  renameSync(join(zsh, 'vendor-completions'), join(zsh, 'site-functions')) // where Fedora has them
  execFileSync(
    'rpmbuild',
    ['-bb', '--target', arch.rpm, ...defines.flatMap(define => ['--define', define]), '--noclean', spec],
    { stdio: 'ignore' },
  )
  for (const file of readdirSync(join(top, arch.rpm))) copyFileSync(join(top, arch.rpm, file), join(OUT, file))
}

/** What is bundled, in CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/ */
const formatBom = bundled => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', name: 'kmemtop', version, licenses: [{ license: { id: 'MIT' } }] } },
  components: [
    {
      type: 'platform',
      name: 'node',
      version: execFileSync('node_modules/.bin/node', ['-v'], { encoding: 'utf8' }).trim().slice(1),
    },
    ...bundled.map(({ name, version: used, license }) => ({
      type: 'library',
      name,
      version: used,
      purl: `pkg:npm/${name.replace('@', '%40')}@${used}`,
      licenses: [{ expression: license }],
    })),
  ],
})

const sum = file =>
  `${createHash('sha256')
    .update(readFileSync(join(OUT, file)))
    .digest('hex')}  ${file}\n`

try {
  rmSync(OUT, { recursive: true, force: true })
  mkdirSync(OUT)
  const bundled = await listBundled()
  const root = join(work, 'root')
  writeTree(root, bundled)
  buildDeb(root)
  if (only !== 'deb') buildRpm(root)
  writeFileSync(join(OUT, `kmemtop-${version}.licenses.txt`), formatCopyright(bundled))
  writeFileSync(join(OUT, `kmemtop-${version}.cdx.json`), `${JSON.stringify(formatBom(bundled), undefined, 2)}\n`)
  writeFileSync(join(OUT, 'SHA256SUMS'), readdirSync(OUT).sort().map(sum).join(''))
  console.log(readdirSync(OUT).sort().join('\n'))
} finally {
  rmSync(work, { recursive: true, force: true })
}
