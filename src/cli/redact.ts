// kmemtop redact.
import { UserError } from '../base/errors.ts'
export async function redact(..._given: readonly unknown[]): Promise<number> {
  throw new UserError('not there yet')
}
