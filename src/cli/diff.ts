// kmemtop diff.
import { UserError } from '../base/errors.ts'
export async function diff(..._given: readonly unknown[]): Promise<number> {
  throw new UserError('not there yet')
}
