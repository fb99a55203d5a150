// The background of the terminal: it is asked, a light answer changes the colors, and no answer is taken for keys.
import { expect, test } from 'vitest'
import { runProgram } from './program.ts'

const env = { COLORTERM: 'truecolor', NO_COLOR: undefined, FORCE_COLOR: undefined }
const LIGHT_MUTED = '#585858' // the border of a panel without focus

test('a light answer, and one that comes late and in two pieces', async () => {
  await runProgram({ env, keepBytes: true }, async terminal => {
    await terminal.waitFor(() => terminal.rawBytes().bytes.includes('\x1b]11;?\x1b\\'))
    terminal.write('\x1b]11;rgb:ffff/ffff/ffff\x1b\\')
    const rows = Array.from({ length: 40 }, (_, row) => row)
    await terminal.waitFor(() => rows.some(row => terminal.cell(row, 0).fg === LIGHT_MUTED))
    terminal.write('\x1b]11;rgb:ffff/')
    terminal.write('ffff/ffff\x07')
    terminal.write('?')
    await terminal.waitFor(/▌Help /)
    terminal.write('\x1b')
    const screen = await terminal.waitFor(/ Overview /)
    expect(screen).not.toMatch(/rgb|ffff|does nothing/)
    terminal.write('qq')
    expect(await terminal.exited).toEqual({ code: 0, signal: null })
  })
})

test('is not asked where a theme was chosen', async () => {
  await runProgram({ env, keepBytes: true, args: ['--theme', 'dark'] }, async terminal =>
    expect(terminal.rawBytes().bytes.includes(']11;')).toBe(false),
  )
})
