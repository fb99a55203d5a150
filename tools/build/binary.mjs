// Builds single executables, `npm run build:binary [-- x64 arm64 bun]`: dist-binary/kmemtop-linux-ARCH, with Node inside.
// `bun` is experimental: for systems with glibc 2.17. It uses Bun instead of Node.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bundlePage, bundleSingle } from './bundle.mjs'

const OUT = resolve('dist-binary')
const NODE = resolve('node_modules/.bin/node')
const version = execFileSync(NODE, ['-v'], { encoding: 'utf8' }).trim().slice(1)
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['x64']
const work = mkdtempSync(join(tmpdir(), 'kmemtop-binary-'))

const run = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], cwd: work })

/** The Node of this version for an architecture: that of the checkout, or its npm package. */
function findNode(arch) {
  const name = `node-linux-${arch}`
  const own = resolve(`node_modules/${name}/bin/node`)
  if (existsSync(own)) return own
  run('npm', 'pack', '--silent', `${name}@${version}`)
  const archive = readdirSync(work).find(file => file.startsWith(name) && file.endsWith('.tgz'))
  mkdirSync(join(work, name))
  run('tar', '-xzf', archive, '-C', name)
  return join(work, name, 'package/bin/node')
}

// Before Node is built in: stripping the finished file would damage it. A strip for another architecture may be missing.
function strip(file, arch) {
  const tools = arch === process.arch ? ['strip'] : ['aarch64-linux-gnu-strip', 'llvm-strip']
  if (!tools.some(tool => spawnSync(tool, [file]).status === 0))
    console.warn(`${arch}: no ${tools.join(' or ')}: larger`)
}

function buildNode(arch) {
  const node = join(work, `node-${arch}`)
  copyFileSync(findNode(arch), node)
  chmodSync(node, 0o755)
  strip(node, arch)
  const output = join(OUT, `kmemtop-linux-${arch}`)
  const names = ['worker.js', 'report-page.js', 'report-page.css']
  const config = {
    main: join(work, 'main.js'),
    mainFormat: 'module',
    output,
    executable: node,
    disableExperimentalSEAWarning: true,
    useCodeCache: arch === process.arch, // the cache holds code of the CPU that builds it; it saves 60 ms of each start
    assets: Object.fromEntries(names.map(name => [name, join(work, name)])),
    execArgv: ['--max-semi-space-size=2'], // see bin/kmemtop
    execArgvExtension: 'none', // NODE_OPTIONS is for others
  }
  writeFileSync(join(work, 'sea.json'), JSON.stringify(config))
  run(NODE, '--build-sea', join(work, 'sea.json'))
  return output
}

function buildBun() {
  const output = join(OUT, 'kmemtop-linux-x64-old-experimental')
  const flags = ['--compile', '--minify', '--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig']
  const bun = spawnSync('npx', ['--yes', 'bun@1.4.5', 'build', ...flags, 'main.js', 'worker.js', '--outfile', output], {
    cwd: work,
    stdio: 'inherit',
  })
  if (bun.status !== 0) throw new Error('bun build failed')
  return output
}

try {
  mkdirSync(OUT, { recursive: true })
  await bundlePage({
    script: 'src/page/charts.ts',
    styles: ['uplot/dist/uPlot.min.css', 'src/page/style.css'],
    outdir: work,
  })
  await bundleSingle({ main: 'src/cli/main.ts', worker: 'src/sampling/worker.ts', outdir: work })
  for (const target of wanted) {
    const output = target === 'bun' ? buildBun() : buildNode(target)
    console.log(`${output}  ${Math.round(statSync(output).size / 2 ** 20)} MiB`)
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
