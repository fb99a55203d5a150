// An error while the screen is drawn: it is handed on, and neither its message nor a stack is drawn over the terminal.
import { render } from 'ink-testing-library'
import type { ReactNode } from 'react'
import { expect, test, vi } from 'vitest'
import { ErrorBoundary } from '../../src/ui/error-boundary.tsx'

function Broken(): ReactNode {
  throw new TypeError('cannot draw this')
}

test('an error of the screen is handed on once, and nothing of it is drawn', async () => {
  const errors: Error[] = []
  const silent = vi.spyOn(console, 'error').mockImplementation(() => {}) // React reports it too, where there is a console
  const { frames, unmount } = render(
    <ErrorBoundary onError={error => errors.push(error)}>
      <Broken />
    </ErrorBoundary>,
  )
  await expect.poll(() => errors.map(({ message }) => message)).toEqual(['cannot draw this'])
  expect(frames.join('')).not.toMatch(/cannot draw|\bat |TypeError|ERROR/)
  unmount()
  silent.mockRestore()
})
