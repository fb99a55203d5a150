// The composition root: the only place that knows everybody.

import packageJson from '../../package.json' with { type: 'json' }
import { UserError } from '../base/errors.ts'
import { visible } from '../base/text.ts'
import { collectorIds } from '../collectors/index.ts'
import { emptyHistory } from '../history.ts'
import { run } from '../session/session.ts'
import { initialState } from '../session/state.ts'
import { createStore, type Store } from '../session/store.ts'
import { turn } from '../sources/clock.ts'
import { isDirectory } from '../sources/host.ts'
import { liveSource } from '../sources/live-source.ts'
import type { Source } from '../sources/source.ts'
import { createPen, type Pen } from '../widgets/pen.ts'
import { writeBatches } from './batch.ts'
import { colorLevel } from './color.ts'
import { type Config, configPlaces, readConfig, thresholdsOf } from './config.ts'
import { type Options, parseOptions } from './options.ts'
import { watchSilence } from './silence.ts'

const EXIT = { fine: 0, usage: 2 } as const

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'analyze') {
    const { analyze } = await import('./analyze.ts')
    return analyze(
      argv.slice(1).filter(word => word !== '--json'),
      { json: argv.includes('--json') },
    )
  }
  const options = parseOptions(argv, packageJson.version)
  if (!options) return EXIT.fine
  if (!isDirectory(options.root)) throw new UserError(`--root ${options.root} is not a directory that can be read`)
  const places = configPlaces(options.config, process.env)
  const { config } = readConfig(places, options.config !== undefined)
  const source = await liveSource(new URL('./worker.js', import.meta.url), {
    root: options.root,
    interval: options.interval ?? (config.interval ?? 1) * 1000,
    collectors: collectorIds.filter(id => options.kmsg || id !== 'kmsg'),
  })
  const store = createStore(initialState(emptyHistory(source.session), thresholdsOf(config)))
  if (options.batch || !process.stdout.isTTY) return batch(source, store, options)
  return screen(source, store, options, config, places)
}

async function batch(source: Source, store: Store, { json, iterations }: Options): Promise<number> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.fine) // `kmemtop -b | head`
    process.stderr.write(`kmemtop: cannot write: ${error.message}\n`)
    process.exit(EXIT.usage)
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => source.stop())
  writeBatches(store, json, iterations === 1, text => process.stdout.write(text))
  await run(source, store, iterations)
  return store.get().history.sources.meminfo?.error === undefined ? EXIT.fine : EXIT.usage
}

// The first frame waits for the first look: it takes as long as loading the screen does.
async function screen(
  source: Source,
  store: Store,
  options: Options,
  config: Config,
  places: readonly string[],
): Promise<number> {
  const looked = new Promise<void>(resolve => void store.subscribe(resolve))
  const running = run(source, store, options.iterations)
  const [{ showScreen }, { watchConfig }] = await Promise.all([
    import('./screen.tsx'),
    import('./watch-config.ts'),
    Promise.race([looked, running]),
  ])
  const shown = showScreen(store, penOf(options, config), options.root === '/')
  const unwatch = await watchConfig(places, config, store)
  const unheard = watchSilence(source.session.interval, store)
  try {
    await Promise.race([shown.waitUntilExit(), running])
  } finally {
    unheard()
    unwatch()
    source.stop()
    shown.unmount() // before any error is printed: it would go with the alternate screen
    await shown.waitUntilExit()
  }
  return EXIT.fine
}

function penOf(options: Options, config: Config): Pen {
  const theme = options.theme ?? config.theme ?? 'dark'
  return createPen({
    theme,
    level: colorLevel(options.color, process.env),
    ascii: options.ascii || config.ascii === true,
  })
}

main(process.argv.slice(2))
  .catch((error: unknown) => {
    process.stderr.write(`kmemtop: ${sentence(error)}\n`)
    return EXIT.usage
  })
  // A worker that hangs in the kernel must not keep us; what a slow reader has not taken yet must.
  .then(code => process.stdout.write('', () => turn().then(() => process.exit(code))))

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const lines = text.split('\n').map(visible).join('\n')
  return error instanceof UserError ? lines : `stopped by an error of its own: ${lines}`
}
