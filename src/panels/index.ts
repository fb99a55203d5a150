// The table of panels, in the order of Tab. A panel declares everything else itself.
import type { PanelId } from '../app/state.ts'
import { alertsPanel } from './alerts/panel.ts'
import { cgroupsPanel } from './cgroups/panel.ts'
import { logPanel } from './log/panel.ts'
import { memoryPanel } from './memory/panel.ts'
import { oomPanel } from './oom/panel.ts'
import type { Panel } from './panel.ts'
import { pressurePanel } from './pressure/panel.ts'
import { slabPanel } from './slab/panel.ts'

/** Every panel, in the order of the screen. */
export const panels: readonly Panel[] = [
  memoryPanel,
  pressurePanel,
  cgroupsPanel,
  slabPanel,
  logPanel,
  oomPanel,
  alertsPanel,
]

/** The ids of all panels, as the config file and recordings name them. */
export const panelIds: readonly PanelId[] = panels.map(({ id }) => id)

const panelsById: ReadonlyMap<PanelId, Panel> = new Map(panels.map(panel => [panel.id, panel]))

/** Returns the panel with this id. @throws Error if the table has no such panel */
export function getPanel(id: PanelId): Panel {
  const panel = panelsById.get(id)
  if (panel === undefined) throw new Error(`no panel ${id}`)
  return panel
}

/** Returns the panel that alerts of a detector are about. */
export const findPanelOfDetector = (detector: string): Panel | undefined =>
  panels.find(({ detectors }) => (detectors as readonly string[]).includes(detector))

/** Panels that have a number key, in the order of the keys. */
export const numberedPanels: readonly Panel[] = [...panels].sort((a, b) => a.key.localeCompare(b.key))
