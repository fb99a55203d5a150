// The way of a user through every view and page, by keys: list, row, page, next page, link, and back.
import { describe, expect, test } from 'vitest'
import { noControls } from '../../../src/app/playback-controls.ts'
import { getPanel, numberedPanels } from '../../../src/panels/index.ts'
import type { PlayerCommand } from '../../../src/playback/player.ts'
import { buildTimelineEvents } from '../../../src/playback/timeline-events.ts'
import { openScenario } from '../../helpers/recorded-pages.ts'
import { idlePlayer } from '../../playback/states.ts'
import { type Screen, withApp } from '../with-app.tsx'

const ESCAPE = '\x1b'
const ENTER = '\r'
const state = openScenario('v1-incident-310', 129_600)

/** What each view and the page of its first row show at the end of the incident. */
const SHOWN: Readonly<Record<string, readonly [list: RegExp, page?: RegExp]>> = {
  memory: [/SUnreclaim +147 GiB/, /Memory › SUnreclaim[\s\S]*147 GiB/],
  pressure: [/allocstall +33\/s/],
  cgroups: [/memcg[\s\S]*✖10/, /Cgroups › .*9d1c6a0be7f2[\s\S]*kill of java\[2160\]/],
  slab: [/kmalloc-1024 .*45\.6G/, /Slab › kmalloc-1024[\s\S]*unreclaimable/],
  log: [/OOM kill {2}java\[2160\]/, /Log › record \d+[\s\S]*MemAvailable/],
  oom: [/LIMIT SET ON[\s\S]*java/, /OOM › OOM kill of java\[2160\][\s\S]*limit 8\.00 GiB/],
  alerts: [/OOM KILL[\s\S]*KMEM LEAK[\s\S]*PINNED CACHE/, /OOM KILL.* · critical[\s\S]*limit 8\.00 GiB/],
}

const getDetail = ({ store }: Screen): string | undefined => store.get().ui.detail

describe.each(numberedPanels.map(({ id, key }) => [id, key] as const))('view %s, key %s', (id, key) => {
  test('its number opens it, Esc goes back to the overview', () =>
    withApp(
      async ({ store, press, shows }) => {
        press(key)
        await shows(SHOWN[id]![0])
        expect(store.get().ui).toMatchObject({ focus: id, zoomed: true })
        press(ESCAPE)
        await expect.poll(() => store.get().ui.zoomed).toBe(false)
      },
      { state },
    ))

  if (getPanel(id).getDetail === undefined) return // its rows have no pages
  test('Enter opens the page of a row, n and p its neighbours', () =>
    withApp(
      async screen => {
        const { press, shows } = screen
        press(key)
        await shows(SHOWN[id]![0])
        press('\x1b[H') // Home
        press(ENTER)
        await shows(SHOWN[id]![1]!)
        const first = getDetail(screen)
        expect(first).toBeDefined()
        const rows = getPanel(id).listKeys!(screen.store.get())
        press('n')
        if (rows.length > 1) await expect.poll(() => getDetail(screen)).not.toBe(first)
        press('p')
        await expect.poll(() => getDetail(screen)).toBe(first)
        press('q')
        await expect.poll(() => getDetail(screen)).toBeUndefined()
        expect(screen.store.get().ui).toMatchObject({ focus: id, zoomed: true })
      },
      { state },
    ))
})

test('alert, kill, cgroup and back: Enter follows each link, Esc goes back one page', () =>
  withApp(
    async screen => {
      const { press, shows, store } = screen
      press(ENTER)
      await shows(/Overview › Alerts › OOM KILL.* · critical/)
      press(ENTER)
      await shows(/› OOM kill of java\[2160\]/)
      press(ENTER)
      await shows(/› Cgroups › pod 3f0c9a51[\s\S]*limit +8\.00 GiB/)
      press(ESCAPE)
      await shows(/› OOM kill of java\[2160\]/)
      press(ESCAPE)
      await shows(/OOM KILL.* · critical/)
      press(ESCAPE)
      await expect.poll(() => store.get().ui).toMatchObject({ zoomed: false })
    },
    { state },
  ))

test('Tab selects the next link of a page, and Enter opens that one', () =>
  withApp(
    async ({ press, shows }) => {
      press('3')
      press(ENTER)
      await shows(/Slab › kmalloc-1024/)
      press(ENTER)
      await shows(/› KMEM LEAK/)
      press(ESCAPE)
      await shows(/Slab › kmalloc-1024/)
      press('\t')
      press(ENTER)
      await shows(/› SUnreclaim/)
    },
    { state },
  ))

test('the help opens from a page and closes onto it', () =>
  withApp(
    async ({ press, shows }) => {
      press('5')
      press(ENTER)
      await shows(/OOM › OOM kill of java/)
      press('?')
      await shows(/Find the cause/)
      press('q')
      await shows(/OOM › OOM kill of java/)
    },
    { state },
  ))

test('in a recording the keys of the player reach it, and numbers are views', () => {
  const done: PlayerCommand[] = []
  const events = buildTimelineEvents(state.alerts, { marks: [], gaps: [] })
  const player = { ...idlePlayer, end: 129_600_000, at: 64_800_000, playing: true, events }
  return withApp(
    async ({ press, shows }) => {
      await shows(/REPLAY/)
      for (const key of [' ', '>', ']', '.', '\x1b[C']) press(key)
      await expect.poll(() => done.map(({ type }) => type)).toEqual(['play', 'speed', 'event', 'step', 'seek'])
      press('6')
      await shows(/KMEM LEAK[\s\S]*PINNED CACHE/)
      expect(done).toHaveLength(5)
    },
    { state: { ...state, player }, controls: { ...noControls, runCommand: command => void done.push(command) } },
  )
})
