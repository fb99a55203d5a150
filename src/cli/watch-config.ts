// The config file is taken up again when it changes while running. A wrong one is said on the screen; the old one stays.

import type { Store } from '../app/store.ts'
import { UserError } from '../base/errors.ts'
import { type Config, readConfig, resolveThresholds } from './config.ts'
import { applySettings } from './threshold-settings.ts'

/** Watches the places a config file can be at. `taken`: what was read at the start; `settings`: what the command line set above it. Gives a function that ends it. */
export async function watchConfig(
  configPaths: readonly string[],
  initialConfig: Config,
  settings: readonly string[],
  store: Store,
): Promise<() => void> {
  const { watch } = await import('chokidar')
  const watcher = watch([...configPaths], { ignoreInitial: true, persistent: false, atomic: true })
  let lastApplied = JSON.stringify(initialConfig)
  const reloadConfig = (): void => {
    const config = applySettings(readConfig(configPaths, false).config, settings)
    if (JSON.stringify(config) === lastApplied) return
    lastApplied = JSON.stringify(config)
    store.dispatch({ type: 'thresholds', thresholds: resolveThresholds(config) })
    store.dispatch({
      type: 'notice',
      text: 'config file was read again: thresholds hold now, the rest from the next start',
    })
  }
  const tryReload = (): void => {
    try {
      reloadConfig()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      store.dispatch({ type: 'notice', text: `config not taken: ${error.message}` })
    }
  }
  watcher.on('all', tryReload)
  watcher.on('ready', tryReload) // it may have changed before the watch stood
  watcher.on('error', () => {}) // no inotify watches left: the config is what it was at the start
  return () => void watcher.close()
}
