// The config file is taken up again when it changes while running. A wrong one is said on the screen; the old one stays.
import { UserError } from '../base/errors.ts'
import type { Store } from '../session/store.ts'
import { type Config, readConfig, thresholdsOf } from './config.ts'
import { withSettings } from './settings.ts'

/** Watches the places a config file can be at. `taken`: what was read at the start; `settings`: what the command line set above it. Gives a function that ends it. */
export async function watchConfig(
  places: readonly string[],
  taken: Config,
  settings: readonly string[],
  store: Store,
): Promise<() => void> {
  const { watch } = await import('chokidar')
  const watcher = watch([...places], { ignoreInitial: true, persistent: false, atomic: true })
  let last = JSON.stringify(taken)
  const take = (): void => {
    const config = withSettings(readConfig(places, false).config, settings)
    if (JSON.stringify(config) === last) return
    last = JSON.stringify(config)
    store.dispatch({ type: 'thresholds', thresholds: thresholdsOf(config) })
    store.dispatch({
      type: 'notice',
      text: 'config file was read again: thresholds hold now, the rest from the next start',
    })
  }
  const attempt = (): void => {
    try {
      take()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      store.dispatch({ type: 'notice', text: `config not taken: ${error.message}` })
    }
  }
  watcher.on('all', attempt)
  watcher.on('ready', attempt) // it may have changed before the watch stood
  watcher.on('error', () => {}) // no inotify watches left: the config is what it was at the start
  return () => void watcher.close()
}
