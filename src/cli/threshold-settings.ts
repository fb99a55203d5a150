// --set slab-growth.criticalHours=12: thresholds on the command line, with the keys and checks of the config file.
import { UserError } from '../base/errors.ts'
import { type Config, parseConfig } from './config.ts'

/** Returns the config with the settings applied. @throws UserError that names the nearest known key */
export function applySettings(config: Config, settings: readonly string[]): Config {
  const detectors: Record<string, Readonly<Record<string, number | undefined>> | undefined> = { ...config.detectors }
  for (const setting of settings) {
    const [, id = '', name = '', value = ''] = /^([^.=]+)\.([^.=]+)=(.+)$/.exec(setting) ?? []
    if (name === '')
      throw new UserError(`--set ${setting}: expected DETECTOR.THRESHOLD=NUMBER, like slab-growth.criticalHours=12`)
    const number = Number(value)
    if (!Number.isFinite(number)) throw new UserError(`--set ${setting}: expected a number, got ${value}`)
    checkKey(setting, id, name, number)
    detectors[id] = { ...detectors[id], [name]: number }
  }
  return settings.length === 0 ? config : { ...config, detectors }
}

function checkKey(setting: string, id: string, name: string, number: number): void {
  try {
    parseConfig(JSON.stringify({ detectors: { [id]: { [name]: number } } }), `--set ${setting}`)
  } catch (error) {
    throw error instanceof UserError ? new UserError(error.message.replaceAll('detectors.', '')) : error
  }
}
