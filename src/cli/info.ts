// kmemtop info.
import { UserError } from '../base/errors.ts'
export async function info(..._given: readonly unknown[]): Promise<number> {
  throw new UserError('not there yet')
}
