// Whether quitting loses what an alert of this session was about.
import { isNews } from '../detectors/alert-news.ts'
import type { AppState } from './state.ts'

/** Whether a live session had an alert, nothing is or was recorded, and the user was not asked yet. */
export function hasUnsavedAlerts({ alerts, recorder, player, ui }: AppState): boolean {
  const isLive = !player || player.rewound
  if (!isLive || ui.isAskedToQuit || recorder.file || recorder.finished !== undefined) return false
  return alerts.some(alert => alert.severity !== 'info' && alert.raisedAt >= 0 && isNews(alert))
}
