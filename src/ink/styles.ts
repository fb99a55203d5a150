// Styles: what SGR codes add up to and what leads from one style to another, worked out once by Ink's own ansi-tokenize.

/** A code of ansi-tokenize: one SGR and what ends it. */
export interface AnsiCode {
  readonly type: 'ansi'
  readonly code: string
  readonly endCode: string
}

/** What we need of ansi-tokenize. */
export interface Ansi {
  tokenize(text: string): readonly { readonly type: string }[]
  reduceAnsiCodesIncremental(codes: AnsiCode[], newCodes: AnsiCode[]): AnsiCode[]
  diffAnsiCodes(from: AnsiCode[], to: AnsiCode[]): AnsiCode[]
  ansiCodesToString(codes: AnsiCode[]): string
}

/** A style; two with the same codes in the same order are the same object. */
export interface Style {
  readonly codes: AnsiCode[]
  readonly after: Map<string, Style>
  readonly to: Map<Style, string>
}

export interface Styles {
  /** no style */
  readonly none: Style
  /** The style after an SGR. */
  after(style: Style, sgr: string): Style
  /** What the terminal must be told between two styles. */
  between(from: Style, to: Style): string
  /** How many answers are kept: whoever holds the styles starts with new ones when they are many. */
  kept(): number
}

/** No styles seen yet. */
export function createStyles(ansi: Ansi): Styles {
  const known = new Map<string, Style>()
  let kept = 0
  const styleOf = (codes: AnsiCode[]): Style => {
    const key = codes.map(({ code }) => code).join('')
    const style = known.get(key) ?? { codes, after: new Map(), to: new Map() }
    known.set(key, style)
    return style
  }
  const codesOf = (sgr: string): AnsiCode[] => ansi.tokenize(sgr).filter(token => token.type === 'ansi') as AnsiCode[]
  return {
    none: styleOf([]),
    after: (style, sgr) =>
      style.after.get(sgr) ??
      keep(style.after, sgr, styleOf(ansi.reduceAnsiCodesIncremental(style.codes, codesOf(sgr)))),
    between: (from, to) => {
      if (from === to) return ''
      return from.to.get(to) ?? keep(from.to, to, ansi.ansiCodesToString(ansi.diffAnsiCodes(from.codes, to.codes)))
    },
    kept: () => kept,
  }

  function keep<K, V>(map: Map<K, V>, key: K, value: V): V {
    map.set(key, value)
    kept += 1
    return value
  }
}
