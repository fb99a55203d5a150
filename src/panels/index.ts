// The table of panels.
import type { PanelId } from '../app/state.ts'
import { alertsPanel } from './alerts/panel.ts'
import { cgroupsPanel } from './cgroups/panel.ts'
import { logPanel } from './log/panel.ts'
import { memoryPanel } from './memory/panel.ts'
import { oomPanel } from './oom/panel.ts'
import type { Panel } from './panel.ts'
import { pressurePanel } from './pressure/panel.ts'
import { slabPanel } from './slab/panel.ts'

export const panels: Readonly<Record<PanelId, Panel>> = {
  memory: memoryPanel,
  pressure: pressurePanel,
  cgroups: cgroupsPanel,
  slab: slabPanel,
  log: logPanel,
  oom: oomPanel,
  alerts: alertsPanel,
}
