// The config file is taken up again when it changes while running. A wrong one is said on the screen; the old one stays.
import { UserError } from '../base/errors.ts'
import type { Store } from '../session/store.ts'
import { readConfig, thresholdsOf } from './config.ts'

/** Watches the places a config file can be at. Gives a function that ends it. */
export async function watchConfig(places: readonly string[], store: Store): Promise<() => void> {
  const { watch } = await import('chokidar')
  const watcher = watch([...places], { ignoreInitial: true, persistent: false, atomic: true })
  watcher.on('all', event => {
    try {
      store.dispatch({ type: 'thresholds', thresholds: thresholdsOf(readConfig(places, false).config) })
      store.dispatch({
        type: 'notice',
        text: `config file ${event === 'unlink' ? 'is gone: defaults hold' : 'was read again'}`,
      })
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      store.dispatch({ type: 'notice', text: `config not taken: ${error.message}` })
    }
  })
  watcher.on('error', () => {}) // no inotify watches left: the config is what it was at the start
  return () => void watcher.close()
}
