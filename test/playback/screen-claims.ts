// What pages of the screen claim, line by line: to compare a page over a recording that is being read with that over the whole one.
import { expect } from 'vitest'
import { type AppState, updateState } from '../../src/app/state.ts'
import { getPanel, panelIds } from '../../src/panels/index.ts'
import { renderFrameText } from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'

const PEN = createPen({ level: 0, ascii: false })

export const drawView = (state: AppState, panel: 'alerts' | 'overview' | 'oom'): string =>
  renderFrameText(updateState(state, { type: 'view', panel }), PEN, 120, 30).join('\n')

/** A view or page by name, to be opened in a state. */
interface NamedPage {
  readonly name: string
  open(state: AppState): AppState
}

/** Lists the views, the views with a cursor in their charts, and the pages of the first rows, all as the whole recording has them. */
export function listNamedPages(whole: AppState, rows: number): readonly NamedPage[] {
  const cursor = { type: 'cursor', time: whole.history.time * 0.7 } as const
  return panelIds.flatMap(panel => {
    const openView = (state: AppState): AppState => sortByName(updateState(state, { type: 'view', panel }))
    const keys = getPanel(panel).getDetail ? (getPanel(panel).listKeys?.(openView(whole)) ?? []) : []
    return [
      { name: panel, open: openView },
      { name: `${panel} with cursor`, open: state => updateState(openView(state), cursor) },
      ...keys.slice(0, rows).map((key, i) => ({
        name: `${panel} page ${i + 1}`,
        open: (state: AppState) => updateState(openView(state), { type: 'detail', key }),
      })),
    ]
  })
}

// By growth the order follows from what was read.
const sortByName = (view: AppState): AppState =>
  getPanel(view.ui.focus).sortColumns?.includes('name')
    ? updateState(view, { type: 'sort-by', column: 'name', current: '' })
    : view

/** Pictures, and what they are made of. */
const IS_PICTURE = /[┤╰╭├]|│ {8,}│|│ {4,}[▲✖○●m] \d\d:\d\d/
/** The legend of the chart of all RAM is broken where there is room; a kill is compared by itself. */
const IS_ELSEWHERE = /^(anon|cache|free) (\d|\?)|^OOM kill |^kill of |^\d+ (s|min) ago /
const GLYPHS = /[▁-█▒░▓▞·│▐▌▲✖●◆]/g
const IS_LINK = /^(counter|cgroup|alert|cache) /

const ROWS = 100

/** Returns what a page over the whole recording claims: of lists a few rows more. */
export const listWholeClaims = (page: AppState): readonly (readonly string[])[] => listClaims(page, ROWS + 10)

/** Returns the words of each line of a page that states something. */
export function listClaims(page: AppState, height = ROWS): readonly (readonly string[])[] {
  return renderFrameText(page, PEN, 80, height)
    .slice(1, -1)
    .filter(line => !IS_PICTURE.test(line))
    .map(line => line.replace(GLYPHS, ' ').replace('Enter opens', '').trim().split(/\s+/))
    .map(words => words.filter(word => !word.includes('…') && !/^\d\d:\d\d(:\d\d)?$/.test(word)))
    .map(words => dropSpan(words))
    .filter(words => words.length > 0 && words[0] !== '' && !words.every(isHead))
}

// What the sparkline at the end of a line covers: 20 s. After `in` it belongs to a figure.
const dropSpan = (words: readonly string[]): readonly string[] =>
  / (?<!in )\d+ (s|min|h)$/.test(` ${words.slice(-3).join(' ')}`) && words.length > 3 ? words.slice(0, -2) : words

/** The head of a column: WHEN, PER, 90s. */
const isHead = (word: string): boolean => /^[A-Z%]+$/.test(word)

/** A claim that says itself over which time it is, or that more is not known. */
const IS_QUALIFIED =
  /since .* ago|^(recent )?growth .* in \d|as of \d|not known yet|being read|since \d\d:\d\d|^[\w ()]+ \?$/
/** What the page of an alert says that is not of the time of its figures. */
const IS_TURN = /^(raised|critical|acknowledged|ended) /

/** Expects that the whole recording says all of a page too: each line, or more in that line. */
export function expectNoContradiction(page: AppState, whole: readonly (readonly string[])[], place: string): void {
  const allWords = new Set(whole.flat())
  const claims = listClaims(page).map(words => ({ words, line: words.join(' ') }))
  const isOld = page.ui.focus === 'alerts' && claims.some(({ line }) => /as of \d/.test(line))
  const wrong = claims.filter(({ words, line }) => {
    if (IS_QUALIFIED.test(line) || IS_ELSEWHERE.test(line) || (isOld && !IS_TURN.test(line))) return false
    if (IS_LINK.test(line)) return !words.every(word => allWords.has(word))
    return !whole.some(known => isSubsequence(words, known))
  })
  expect(wrong.map(({ line }) => line).join('\n'), place).toBe('')
}

function isSubsequence(words: readonly string[], known: readonly string[]): boolean {
  let i = 0
  for (const word of known) if (word === words[i]) i++
  return i === words.length
}
