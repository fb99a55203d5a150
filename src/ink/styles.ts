// Styles: the sums of SGR codes, and the codes between two styles, computed once each by Ink's own ansi-tokenize.

/** A code of ansi-tokenize: one SGR and the SGR that ends it. */
export interface AnsiCode {
  readonly type: 'ansi'
  readonly code: string
  readonly endCode: string
}

/** The functions of ansi-tokenize that are used. */
export interface Ansi {
  tokenize(text: string): readonly { readonly type: string }[]
  reduceAnsiCodesIncremental(codes: AnsiCode[], newCodes: AnsiCode[]): AnsiCode[]
  diffAnsiCodes(from: AnsiCode[], to: AnsiCode[]): AnsiCode[]
  ansiCodesToString(codes: AnsiCode[]): string
}

/** A style. Styles with the same codes in the same order are the same object. */
export interface Style {
  readonly codes: AnsiCode[]
  readonly afterSgr: Map<string, Style>
  readonly transitions: Map<Style, string>
}

/** The codes of the library ansi-styles. */
export interface StyleTable {
  /** no style */
  readonly none: Style
  /** Returns the style after an SGR. */
  applySgr(style: Style, sgr: string): Style
  /** Returns the codes between two styles. */
  getTransition(from: Style, to: Style): string
  /** Number of cached answers; the owner starts with new styles if there are many. */
  countCached(): number
}

/** Creates an empty cache. */
export function createStyleTable(ansi: Ansi): StyleTable {
  const known = new Map<string, Style>()
  let kept = 0
  const getStyle = (codes: AnsiCode[]): Style => {
    const key = codes.map(({ code }) => code).join('')
    const style = known.get(key) ?? { codes, afterSgr: new Map(), transitions: new Map() }
    known.set(key, style)
    return style
  }
  const parseCodes = (sgr: string): AnsiCode[] =>
    ansi.tokenize(sgr).filter(token => token.type === 'ansi') as AnsiCode[]
  return {
    none: getStyle([]),
    applySgr: (style, sgr) =>
      style.afterSgr.get(sgr) ??
      remember(style.afterSgr, sgr, getStyle(ansi.reduceAnsiCodesIncremental(style.codes, parseCodes(sgr)))),
    getTransition: (from, to) => {
      if (from === to) return ''
      return (
        from.transitions.get(to) ??
        remember(from.transitions, to, ansi.ansiCodesToString(ansi.diffAnsiCodes(from.codes, to.codes)))
      )
    },
    countCached: () => kept,
  }

  function remember<K, V>(map: Map<K, V>, key: K, value: V): V {
    map.set(key, value)
    kept += 1
    return value
  }
}
