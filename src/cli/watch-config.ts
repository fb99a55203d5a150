// Reloads the config file when it changes while kmemtop runs. An invalid one is shown as a notice; the old one stays.

import { createNotifier } from '../app/notice.ts'
import type { Store } from '../app/store.ts'
import { UserError } from '../base/errors.ts'
import { type Config, readConfig, resolveThresholds } from './config.ts'
import { applySettings } from './threshold-settings.ts'

/**
 * Watches the paths where a config file may be.
 * @param initialConfig what was read at the start
 * @param settings thresholds of the command line, which stay above those of the file
 * @returns a function that stops watching
 */
export async function watchConfig(
  configPaths: readonly string[],
  initialConfig: Config,
  settings: readonly string[],
  store: Store,
): Promise<() => void> {
  const { watch } = await import('chokidar')
  const watcher = watch([...configPaths], { ignoreInitial: true, persistent: false, atomic: true })
  const showNotice = createNotifier(store)
  let lastApplied = JSON.stringify(initialConfig)
  const reloadConfig = (): void => {
    const config = applySettings(readConfig(configPaths, false).config, settings)
    if (JSON.stringify(config) === lastApplied) return
    lastApplied = JSON.stringify(config)
    store.dispatch({ type: 'thresholds', thresholds: resolveThresholds(config) })
    showNotice('config reloaded: thresholds apply now, other settings after a restart')
  }
  const tryReload = (): void => {
    try {
      reloadConfig()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      showNotice(`config not reloaded: ${error.message}`)
    }
  }
  watcher.on('all', tryReload)
  watcher.on('ready', tryReload) // it may have changed before the watch was set
  watcher.on('error', () => {}) // no inotify watches left: the config stays as it was at the start
  return () => void watcher.close()
}
