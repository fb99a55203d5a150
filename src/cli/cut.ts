// kmemtop cut.
import { UserError } from '../base/errors.ts'
export async function cut(..._given: readonly unknown[]): Promise<number> {
  throw new UserError('not there yet')
}
