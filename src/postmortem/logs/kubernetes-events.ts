// Events of Kubernetes that quote the kernel: the word of the node-problem-detector, not of the kernel. Pure.
import { type LogLine, toProgramLine } from './lines/log-line.ts'

/** Who writes events with the reason OOMKilling: it follows the kernel log. */
export const EVENT_WRITER = 'node-problem-detector'

/** The name of the format of events of Kubernetes, in the list of inputs. */
export const EVENT_FORMAT = 'kubernetes events'

// 12m  Warning  OOMKilling  node/node-7  Memory cgroup out of memory: Killed process …        kubectl get events
//   Warning  OOMKilling  34m  kernel-monitor  Out of memory: Killed process …                 kubectl describe node
const UP_TO_MESSAGE = /\bOOMKilling[ \t|,"'].{0,300}?(?=(?:Memory cgroup o|O)ut of memory\b|Killed process \d)/s

/** The message of an event in a table that kubectl prints; undefined for any other line. */
export function parseKubernetesEvent(line: string): LogLine | undefined {
  const match = line.includes('OOMKilling') ? UP_TO_MESSAGE.exec(line) : null
  if (!match) return undefined
  const message = line.slice(match.index + match[0].length)
  return toProgramLine(message.trimEnd(), EVENT_WRITER, '', { format: EVENT_FORMAT })
}
