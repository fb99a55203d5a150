// Something to do, or to look at, as one line.
import type { Remedy } from '../detector.ts'

/** `raise the limit: $ kubectl edit … (risk: low)` */
export const formatRemedy = ({
  text,
  command,
  risk = 'none',
}: Pick<Remedy, 'text' | 'command'> & { readonly risk?: string }): string =>
  `${text}${command === undefined ? '' : `: $ ${command}`}${risk === 'none' ? '' : ` (risk: ${risk})`}`
