// Property: whatever a saved log holds, a report comes out of it: text without control characters, JSON, and no more records than lines.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildPostmortem } from '../../../src/postmortem/postmortem.ts'
import { toPostmortemJson } from '../../../src/postmortem/report/json.ts'
import { formatPostmortem } from '../../../src/postmortem/report/text.ts'
import { parseCapture } from '../../collectors/kmsg/captures.ts'
import { checkProperty, PROPERTY_TIMEOUT } from '../../helpers/check-property.ts'
import { formatLog, parseLog, readSavedLog, WRITERS } from './log-formats.ts'

const records = parseCapture('oom-group.v2-6.12').slice(0, 120)
const LINES = [
  ...Object.keys(WRITERS).flatMap(format => formatLog(records, format).split('\n').slice(0, 60)),
  ...readSavedLog('oom-memcg.5.15.dmesg').split('\n').slice(0, 60),
]

/** A real line, a part of one with any text in it, or any text. */
const bytes = fc.string({ unit: 'binary', maxLength: 60 })
const realLine = fc.constantFrom(...LINES)
const changedLine = fc
  .tuple(realLine, fc.nat({ max: 200 }), bytes)
  .map(([line, at, text]) => `${line.slice(0, at)}${text}${line.slice(at + text.length)}`)
const line = fc.oneof({ weight: 5, arbitrary: realLine }, { weight: 3, arbitrary: changedLine }, bytes)

test(
  'a saved log',
  () => {
    checkProperty(fc.array(line, { maxLength: 60 }), lines => {
      const text = Buffer.from(lines.join('\n'), 'utf8').toString('latin1')
      const log = parseLog(text, 97)
      expect(log.kills.length).toBeLessThanOrEqual(text.split('\n').length)
      const postmortem = buildPostmortem({ inputs: [], logs: [log], snapshots: [] })
      expect(() => JSON.stringify(toPostmortemJson(postmortem))).not.toThrow()
      expect(formatPostmortem(postmortem)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]|NaN|\[object/)
    })
  },
  PROPERTY_TIMEOUT,
)
