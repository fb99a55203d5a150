// Keys through ink-testing-library: what is typed changes what is drawn.
import { expect, test } from 'vitest'
import { hasUnsavedAlerts } from '../../src/app/unsaved-alerts.ts'
import { withApp } from './with-app.tsx'

test('number keys open the views, Esc returns', async () => {
  await withApp(async ({ press, shows }) => {
    press('3')
    await shows(/OBJ SIZE|GROWTH/)
    press('5')
    await shows(/OOM kills/)
    press('\x1b')
    await shows(/Memory/)
  })
})

test('a typed filter is applied and shown; Esc clears it', async () => {
  await withApp(async ({ store, press, shows }) => {
    press('3')
    await shows(/GROWTH/)
    press('/')
    await shows(/filter slab:/)
    for (const key of 'no-such') press(key)
    await shows(/no cache matches “no-such”/)
    press('\x7f')
    await shows(/no cache matches “no-suc”/)
    press('\r')
    await shows(/filter: no-suc/)
    press('/')
    await shows(/Enter applies it/)
    press('\x1b')
    await shows(/kmalloc|dentry/)
    expect(store.get().ui.panels.slab?.filter).toBe('')
  })
})

test('Esc clears the filter first, then goes back', async () => {
  await withApp(async ({ press, shows }) => {
    for (const key of ['3', '/', 'd', 'e', '\r']) press(key)
    await shows(/filter: de/)
    press('\x1b')
    await shows(/GROWTH▾(?![\s\S]*filter: de)/)
    press('\x1b')
    await shows(/Memory/)
  })
})

test('a key that only works elsewhere shows a message', async () => {
  await withApp(async ({ press, shows }) => {
    press('7')
    press('r')
    await shows(/r \(reverse the order\) does nothing here/)
  })
})

test('space freezes the screen while sampling continues; space again shows the newest sample', async () => {
  await withApp(async ({ store, press, shows }) => {
    press(' ')
    await shows(/PAUSED/)
    const { time } = store.get().history
    store.dispatch({
      type: 'readings',
      readings: [{ time: time + 60_000, collector: 'uptime', files: { '/proc/uptime': '99999.0 1\n' } }],
    })
    expect(store.get().ui.frozen?.time).toBe(time)
    press(' ')
    await shows(/LIVE/)
    expect(store.get().ui.frozen).toBeUndefined()
  })
})

test('Enter goes to what a page names, Esc returns step by step, q closes the page', async () => {
  await withApp(async ({ store, press, shows }) => {
    press('6')
    await shows(/STATE/)
    press('\r')
    await expect.poll(() => store.get().ui.detail).toBeDefined() // its page is below the list before
    await shows(/Enter opens|enter open link/)
    const alert = store.get().ui.detail
    press('\r')
    await expect.poll(() => store.get().ui.trail.length).toBe(2)
    await shows(/Alerts › /)
    expect(store.get().ui.detail).not.toBe(alert)
    press('\x1b')
    await expect.poll(() => store.get().ui.detail).toBe(alert)
    press('q')
    await expect.poll(() => store.get().ui.detail).toBeUndefined()
    expect(store.get().ui.focus).toBe('alerts')
  })
})

test('- and + change the window of every chart, and the heading says so', async () => {
  await withApp(async ({ store, press, shows }) => {
    press('7')
    press('-')
    press('-')
    await shows(/now +\d+ min/)
    const window = store.get().ui.window!
    press('+')
    await expect.poll(() => store.get().ui.window).toBeLessThan(window)
    press('=')
    await expect.poll(() => store.get().ui.window).toBeUndefined()
  })
})

test('S sorts by the next column, r reverses the order', async () => {
  await withApp(async ({ store, press, shows }) => {
    press('3')
    press('S')
    await shows(/SIZE▾/)
    press('r')
    await expect.poll(() => store.get().ui.panels.slab?.reverse).toBe(true)
  })
})

test('? shows the help with keys and sources', async () => {
  await withApp(async ({ press, shows }) => {
    press('?')
    await shows(/more lines, PgDn[\s\S]*next panel or link/)
    press('\x1b[6~')
    await shows(/SOURCE +EVERY +COST/)
    press('\x1b')
    await shows(/q quit/)
  })
})

test('q asks once where an alert of this session would be lost; Ctrl-C does not ask', async () => {
  await withApp(async ({ store, press, shows }) => {
    press('q')
    await shows(/the alerts of this session are not recorded: w records them/)
    expect(hasUnsavedAlerts(store.get())).toBe(false)
  })
})

test('c copies the commands of a page one after the other, y the page, and in a list the row', async () => {
  await withApp(async ({ press, shows, copied }) => {
    press('\r')
    await shows(/enter open link/)
    press('c')
    await shows(/sent to the clipboard/)
    press('c')
    await expect.poll(() => copied.length).toBe(2)
    press('y')
    await shows(/sent to the clipboard: the page/)
    expect(copied[2]).toMatch(/^OOM KILL[\s\S]*\nWhat to do\n1\. /)
    press('3')
    press('j')
    press('c')
    await shows(/sent to the clipboard: the selected row/)
    expect(copied.every(text => !/[\x00-\x09\x0b-\x1f]/.test(text))).toBe(true)
  })
})

test('a key that has no meaning says so, and function keys have theirs', async () => {
  await withApp(async ({ press, shows }) => {
    press('x')
    await shows(/no key x here; \? shows all keys/)
    press('\x1b[20~')
    await shows(/F9 kills processes in htop; kmemtop only reads/)
    press('\x1b[11~')
    await shows(/Find the cause/)
  })
})

test('a letter of a column sorts by it and again turns the order', async () => {
  await withApp(async ({ press, shows }) => {
    press('3')
    press('Z')
    await shows(/SIZE▾/)
    press('Z')
    await shows(/SIZE▴/)
    press('C')
    await shows(/CACHE▴/)
  })
})

test(': runs what is typed, and shows candidates above it', async () => {
  await withApp(async ({ store, press, shows }) => {
    for (const key of ':cache den') press(key)
    await shows(/:cache dentry[\s\S]*:cache den▌/)
    press('\t')
    await shows(/:cache dentry▌/)
    press('\r')
    await expect.poll(() => store.get().ui).toMatchObject({ focus: 'slab', typing: undefined })
    for (const key of ':theme light') press(key)
    press('\r')
    await expect.poll(() => store.get().ui.theme).toBe('light')
    for (const key of ':slob') press(key)
    press('\r')
    await shows(/no command slob; the nearest is slab/)
  })
})
