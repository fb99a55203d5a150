// kmemtop dump.
import { UserError } from '../base/errors.ts'
export async function dump(..._given: readonly unknown[]): Promise<number> {
  throw new UserError('not there yet')
}
