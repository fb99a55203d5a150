// The links of a page: what it names. Tab selects one, Enter or a click opens it.
import type { AppState } from '../../app/state.ts'
import type { PageLink } from '../../panels/links.ts'
import type { Detail } from '../../panels/panel.ts'
import { formatLine, measureWidth, type StyledText } from '../../widgets/cells.ts'
import type { Pen } from '../../widgets/pen.ts'

/** A link on its line: columns from the first to behind the last. */
interface PlacedLink {
  readonly link: PageLink
  readonly index: number
  readonly from: number
  readonly to: number
}

// Each link has a sign or a blank before its label, and two blanks behind it. One that has no room begins a line.
function placeLinks(links: readonly PageLink[], width: number): readonly (readonly PlacedLink[])[] {
  const lines: PlacedLink[][] = []
  links.forEach((link, index) => {
    const cells = measureWidth(link.label) + 2
    const before = lines.at(-1)?.at(-1)
    const from = before ? before.to + 1 : 1
    if (before && from + cells <= width) lines.at(-1)!.push({ link, index, from, to: from + cells })
    else lines.push([{ link, index, from: 1, to: 1 + cells }])
  })
  return lines
}

/** Draws the links in as many lines as they need, the selected one marked. */
export function drawLinks(links: readonly PageLink[], { ui }: AppState, pen: Pen, width: number): readonly string[] {
  const hint = links.length > 1 ? 'Enter opens, Tab selects' : 'Enter opens'
  return placeLinks(links, width).map((line, i) => {
    const parts = line.flatMap(({ link, index }): readonly StyledText[] =>
      index === ui.link % links.length
        ? [{ text: `${pen.glyphs.cursor}${link.label} `, tone: 'selected' }, { text: ' ' }]
        : [{ text: ` ${link.label}  `, tone: 'accent' }],
    )
    const hasRoom = i === 0 && line.at(-1)!.to + measureWidth(hint) + 3 <= width
    const right: readonly StyledText[] = hasRoom ? [{ text: `${hint} `, tone: 'muted' }] : []
    return formatLine(pen, [{ text: ' ' }, ...parts], width, right)
  })
}

/** Returns the link at a cell of the lines that `drawLinks` draws; undefined where there is none. */
export const findLinkAt = (
  links: readonly PageLink[],
  width: number,
  { column, line }: { readonly column: number; readonly line: number },
): PageLink | undefined => placeLinks(links, width)[line]?.find(({ from, to }) => column >= from && column < to)?.link

/** Returns the link that Enter opens; undefined where the page has none. */
export const getSelectedLink = ({ links = [] }: Detail, { ui }: AppState): PageLink | undefined =>
  links.length > 0 ? links[ui.link % links.length] : undefined
