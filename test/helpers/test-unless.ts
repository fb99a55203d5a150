// Tests that need something of the machine: where it is missing they are skipped, and say why.
import { type TestFunction, test } from 'vitest'

type Test = (title: string, run: TestFunction, timeout?: number) => void

/**
 * `test`, or, when there is a reason why the machine does not permit it, a skipped test with the reason in its title:
 * `testUnless(canOomKill())('the banner names the victim', async () => …)`.
 */
export function testUnless(reason: string | undefined): Test {
  if (reason === undefined) return test
  return title => {
    console.warn(`skipped: ${title}: ${reason}`)
    test.skip(`${title} (${reason})`)
  }
}
